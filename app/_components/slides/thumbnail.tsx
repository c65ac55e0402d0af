import { cn } from "#app/_components/ui/class-names.ts";

/** A slide at a glance; its box keeps its size while the picture is on its way. */
export function Thumbnail({ url, className }: { readonly url: string; readonly className?: string }) {
  return (
    <span className={cn("block overflow-hidden rounded border bg-white", className)}>
      {/* biome-ignore lint/performance/noImgElement: reason: the image server of the framework is off; tiles come from our own. */}
      <img src={url} alt="" loading="lazy" decoding="async" className="size-full object-cover" />
    </span>
  );
}
