import { readFileSync } from "node:fs";

/** The version of this installation, from package.json beside the sources and the bundle alike. */
export function productVersion(): string {
  const manifest: { readonly version: string } = JSON.parse(
    readFileSync(new URL("../package.json", import.meta.url), "utf8"),
  );
  return manifest.version;
}
