import type { Layer } from "#client/answers.ts";

/** What somebody has not shown yet, with the version that asks for it. */
export function untestedText(name: string, untested: Layer["untested"]): string {
  const classes = untested.map((each) => `${each.name} (version ${each.version})`);
  return `${name} has not shown yet that they can tell ${new Intl.ListFormat("en").format(classes)}.`;
}
