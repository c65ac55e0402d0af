import type { Page } from "playwright-core";
import type { ClassDefinition, GuidelineContent } from "#domain/guideline.ts";
import type { Visitor } from "./people.ts";

export type Version = { readonly number: number; readonly content: GuidelineContent };
export type Guideline = {
  readonly versions: readonly Version[];
  readonly draft: { readonly revision: number; readonly content: GuidelineContent } | null;
};

export function guidelineOf(visitor: Visitor, project: string): Promise<Guideline> {
  return visitor.call<Guideline>("GET", `/projects/${project}/guideline`);
}

/** The version in force. */
export async function newestVersion(visitor: Visitor, project: string): Promise<Version> {
  const newest = (await guidelineOf(visitor, project)).versions.at(-1);
  if (newest === undefined) throw new Error("the project has no guideline");
  return newest;
}

/** A class by its name, as a guideline has it. */
export function classNamed({ classes }: Pick<GuidelineContent, "classes">, name: string): ClassDefinition {
  const found = classes.find((each) => each.name === name);
  if (found === undefined) throw new Error(`the guideline has no class ${name}`);
  return found;
}

type Change = {
  readonly declarations?: readonly unknown[];
  readonly rules?: Partial<GuidelineContent["rules"]>;
  /** Fields of classes, by their names. */
  readonly classes?: Readonly<Record<string, Partial<ClassDefinition>>>;
  readonly added?: readonly ClassDefinition[];
};

/** Stores what the version in force becomes by a change as the draft. @returns the version that it follows */
export async function saveNext(lead: Visitor, project: string, change: Change): Promise<number> {
  const { draft } = await guidelineOf(lead, project);
  const { number, content } = await newestVersion(lead, project);
  const { declarations = [], rules = {}, classes = {}, added = [] } = change;
  for (const name of Object.keys(classes)) classNamed(content, name);
  await lead.call("PUT", `/projects/${project}/guideline/draft`, {
    revision: draft?.revision ?? 0,
    content: {
      ...content,
      rules: { ...content.rules, ...rules },
      classes: [...content.classes.map((each) => ({ ...each, ...classes[each.name] })), ...added],
    },
    declarations,
  });
  return number;
}

/** Publishes what the version in force becomes by a change. */
export async function publishNext(lead: Visitor, project: string, change: Change): Promise<void> {
  const parent = await saveNext(lead, project, change);
  await lead.call("POST", `/projects/${project}/guideline/publish`, { parent });
}

/** A square outline of a class, level-0 px; of side 0 a point. */
export type Drawn = {
  readonly id: string;
  readonly className: string;
  readonly x: number;
  readonly y: number;
  readonly side: number;
  readonly attributes?: Readonly<Record<string, string>>;
};

/** Puts squares into a layer under the version in force, as an import does. */
export async function drawSquares(
  visitor: Visitor,
  { project, layer }: { readonly project: string; readonly layer: string },
  drawn: readonly Drawn[],
): Promise<void> {
  const { number, content } = await newestVersion(visitor, project);
  const features = drawn.map(({ id, className, x, y, side, attributes = {} }) => ({
    type: "Feature",
    geometry: side === 0 ? { type: "Point", coordinates: [x, y] } : squareAt(x, y, side),
    properties: {
      objectType: "annotation",
      classification: { name: className },
      concord: { id, classId: classNamed(content, className).id, under: number, attributes },
    },
  }));
  await visitor.call("POST", `/layers/${layer}/geojson`, { type: "FeatureCollection", features });
}

function squareAt(x: number, y: number, side: number) {
  const corners = [
    [x, y],
    [x + side, y],
    [x + side, y + side],
    [x, y + side],
    [x, y],
  ];
  return { type: "Polygon", coordinates: [corners] };
}

/** A picture for whoever wants to look, where a folder for it is given. */
export async function shot(page: Page, name: string): Promise<void> {
  const folder = process.env["SHOTS"];
  if (folder !== undefined) await page.screenshot({ path: `${folder}/${name}.png` });
}

/** The same on a wide screen and on a narrow one; the page is as it was afterwards. */
export async function shots(page: Page, name: string): Promise<void> {
  const before = page.viewportSize();
  for (const [width, height] of [
    [1_440, 900],
    [820, 1_100],
  ] as const) {
    await page.setViewportSize({ width, height });
    await shot(page, `${name}-${width}`);
  }
  if (before !== null) await page.setViewportSize(before);
}
