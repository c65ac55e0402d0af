import type { ComponentProps } from "react";

/**
 * A link into the viewer: a whole page load, not a step of the page router. The viewer is an application of its own that
 * reads its task, dispute and place from the address, which the router changes only after the page is there.
 */
export function ViewerLink(props: ComponentProps<"a"> & { readonly href: string }) {
  return <a {...props} />;
}
