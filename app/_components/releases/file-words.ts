const KINDS: Readonly<Record<string, string>> = {
  agreement: "Agreement of the readers",
  decisions: "Decisions of the adjudicators",
  "ground-truth": "Ground truth",
  reads: "A submitted read",
};

/** What a file of a release holds, in words; slides by their name where it is known. */
export function fileWords(path: string, slideNames: ReadonlyMap<string, string>): string {
  if (path === "guideline.json") return "The guideline in force";
  if (path === "exceptions.json") return "What need not follow the guideline, and why";
  const [kind = "", slide = ""] = path.replace(/\.(geo)?json$/, "").split("/");
  const words = KINDS[kind];
  if (words === undefined) return "";
  const name = slideNames.get(slide);
  return name === undefined ? words : `${words}, ${name}`;
}
