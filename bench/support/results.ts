import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

const FILE = join(import.meta.dirname, "..", "RESULTS.md");
const HEAD = `# Results

Written by the bench (\`npm run bench\`); every section is one run, with its command, its date and its machine.
How to run and read it: docs/BENCHMARKS.md.
`;

/** Puts a section into RESULTS.md, in the place of the one of that name. */
export function writeSection(name: string, body: string): void {
  const before = existsSync(FILE) ? readFileSync(FILE, "utf8") : HEAD;
  writeFileSync(FILE, withSection(before, name, body));
}

/** The text with this section in it: where one of that name was, or at the end. */
export function withSection(text: string, name: string, body: string): string {
  const [open, close] = [`<!-- ${name} -->`, `<!-- /${name} -->`];
  const section = `${open}\n${body.trim()}\n${close}`;
  const from = text.indexOf(open);
  const to = text.indexOf(close);
  if (from === -1 || to < from) return `${text.trimEnd()}\n\n${section}\n`;
  return `${text.slice(0, from)}${section}${text.slice(to + close.length)}`;
}
