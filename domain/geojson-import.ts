import { type Annotation, annotationSchema, attributesSchema, type Geometry } from "./annotation.ts";
import { asText, type GeometryReason, isRecord, type Note, type RepairCode, readGeometry } from "./geojson-geometry.ts";
import { geometryBbox } from "./geometry.ts";
import type { ClassDefinition } from "./guideline.ts";
import { type AnnotationId, annotationId, type ClassId } from "./ids.ts";
import { type Extent, refuseMalformed } from "./quality.ts";
import { ok, type Result, refuse } from "./result.ts";

export type ImportOptions = {
  readonly classes: readonly ClassDefinition[];
  readonly slide: Extent;
  /** Guideline version that a new outline is stamped with: the newest. */
  readonly under: number;
  /** Class of a name that the guideline does not have; "" for outlines without a name. */
  readonly mapping?: Readonly<Record<string, ClassId>>;
};

/** Without an id where the file has none of ours; the caller gives one. */
export type ImportedAnnotation = Omit<Annotation, "id"> & { readonly id: AnnotationId | null };

export type RefusedCode =
  | GeometryReason
  | "feature-malformed"
  | "outline-off-slide"
  | "unknown-class"
  | "class-missing";

type Told<Code> = {
  /** Place of the feature in the file, from 0. */
  readonly index: number;
  readonly code: Code;
  readonly detail: Readonly<Record<string, unknown>>;
};

export type ImportReport = {
  readonly annotations: readonly ImportedAnnotation[];
  /** Everything that was changed, or is worth a look; the outline came in. */
  readonly repairs: readonly Told<RepairCode>[];
  /** Everything that did not come in. */
  readonly refused: readonly Told<RefusedCode>[];
  /** Class names that the guideline does not have, to be mapped or added; colour as #rrggbb where the file gives one. */
  readonly unknownClasses: readonly { readonly name: string; readonly colour: string | null; readonly count: number }[];
};

/**
 * Reads GeoJSON of QuPath (0.2 to 0.6), of our own and of others: a FeatureCollection, one Feature, or a bare list.
 * Coordinates are level-0 pixels. An outline of our own keeps its id, class and stamp. Each feature comes in or is refused
 * by itself, and nothing is dropped without being told.
 * @param input the parsed file
 */
export function fromGeoJson(input: unknown, options: ImportOptions): Result<ImportReport, "geojson-malformed"> {
  const features = featuresOf(input);
  if (features === null)
    return refuse("geojson-malformed", { type: isRecord(input) ? asText(input["type"]) : typeof input });
  const report: Report = { annotations: [], repairs: [], refused: [], unknown: new Map(), ids: new Set() };
  for (const [index, feature] of features.entries()) readFeature(feature, index, options, report);
  const { annotations, repairs, refused, unknown } = report;
  const unknownClasses = [...unknown].map(([name, { colour, count }]) => ({ name, colour, count }));
  return ok({ annotations, repairs, refused, unknownClasses });
}

type Report = {
  readonly annotations: ImportedAnnotation[];
  readonly repairs: Told<RepairCode>[];
  readonly refused: Told<RefusedCode>[];
  readonly unknown: Map<string, { colour: string | null; count: number }>;
  readonly ids: Set<AnnotationId>;
};

/** What a feature says about itself, from our own properties or from what another tool kept of them. */
type Claim = {
  readonly id: unknown;
  readonly classId: unknown;
  readonly under: number | null;
  readonly attributes: Readonly<Record<string, string>>;
  readonly note: string;
  /** Keys whose values could not be kept. */
  readonly lost: readonly string[];
};

/** Properties that are read, or that hold nothing of the outline. */
const READ = new Set([
  "objectType",
  "object_type",
  "type",
  "name",
  "color",
  "colour",
  "classification",
  "concord",
  "metadata",
]);

function featuresOf(input: unknown): readonly unknown[] | null {
  if (Array.isArray(input)) return input;
  if (!isRecord(input)) return null;
  if (input["type"] === "Feature") return [input];
  return input["type"] === "FeatureCollection" && Array.isArray(input["features"]) ? input["features"] : null;
}

type Repairs = Map<RepairCode, Told<RepairCode>>;
type Refuse = (code: RefusedCode, detail: Readonly<Record<string, unknown>>) => void;

function readFeature(feature: unknown, index: number, options: ImportOptions, report: Report): void {
  const refuseIt: Refuse = (code, detail) => report.refused.push({ index, code, detail });
  if (!isRecord(feature) || feature["type"] !== "Feature") {
    refuseIt("feature-malformed", { type: isRecord(feature) ? asText(feature["type"]) : typeof feature });
    return;
  }
  const repairs: Repairs = new Map();
  const note = noteInto(repairs, index);
  const geometries = readGeometry(feature["geometry"], note);
  if (!geometries.ok) {
    refuseIt(geometries.reason, geometries.detail);
    return;
  }
  const properties = isRecord(feature["properties"]) ? feature["properties"] : {};
  const claim = claimOf(properties);
  const found = findClass(properties, claim, options, note);
  if (typeof found !== "string") {
    refuseIt(found.code, found.detail);
    if (found.code === "unknown-class") countUnknown(report, properties, found.detail.name);
    return;
  }
  noteDropped(feature, properties, claim.lost, note);
  const under = stampOf(claim, options.under, note);
  const content = { classId: found, under, attributes: claim.attributes, note: claim.note };
  const own = takeId(claim, report, note);
  for (const [part, geometry] of geometries.value.entries()) {
    addPart({ ...content, geometry, id: part === 0 ? own : null }, options, report, note, refuseIt);
  }
  report.repairs.push(...repairs.values());
}

/** The same repair of several rings is told once, with how many times. */
function noteInto(repairs: Repairs, index: number): Note {
  return (code, detail = {}) => {
    const times = Number(repairs.get(code)?.detail["times"] ?? 0) + 1;
    const first = repairs.get(code)?.detail ?? detail;
    repairs.set(code, { index, code, detail: { ...first, times } });
  };
}

function addPart(
  part: ImportedAnnotation,
  { slide }: ImportOptions,
  report: Report,
  note: Note,
  refuseIt: Refuse,
): void {
  const off = offSlide(part.geometry, slide, note);
  const parsed = annotationSchema.safeParse({ ...part, id: part.id ?? "unnamed0" });
  if (off !== null) refuseIt("outline-off-slide", off);
  else if (parsed.success) report.annotations.push(part);
  else refuseIt("outline-malformed", { problem: parsed.error.issues[0]?.message ?? "" });
}

function claimOf(properties: Readonly<Record<string, unknown>>): Claim {
  const { concord, metadata, name } = properties;
  if (isRecord(concord)) {
    const attributes = attributesSchema.safeParse(concord["attributes"] ?? {});
    return {
      id: concord["id"],
      classId: concord["classId"],
      under: typeof concord["under"] === "number" ? concord["under"] : null,
      attributes: attributes.success ? attributes.data : {},
      note: typeof concord["note"] === "string" ? concord["note"] : "",
      lost: attributes.success ? [] : ["concord.attributes"],
    };
  }
  const kept = isRecord(metadata) ? metadata : {};
  const named = classificationName(properties) !== null && typeof name === "string" ? [["name", name] as const] : [];
  const foreign = [...named, ...Object.entries(kept).filter(([key]) => !key.startsWith("concord."))];
  const texts = foreign.map(([key, value]) => [key, asText(value)] as const);
  const fits = texts.filter(([key, value]) => attributesSchema.safeParse({ [key]: value }).success);
  const lost = texts.filter((each) => !fits.includes(each)).map(([key]) => `metadata.${key}`);
  const under = Number(asText(kept["concord.under"]) || "none");
  return {
    id: kept["concord.id"],
    classId: kept["concord.classId"],
    under: Number.isInteger(under) ? under : null,
    attributes: Object.fromEntries(fits),
    note: "",
    lost,
  };
}

/** The name that QuPath shows: a text, or the parts of a derived class joined as it joins them. */
function classificationName({ classification }: Readonly<Record<string, unknown>>): string | null {
  if (typeof classification === "string") return classification;
  if (!isRecord(classification)) return null;
  const { name, names } = classification;
  if (typeof name === "string") return name;
  return Array.isArray(names) ? names.map(asText).join(": ") : null;
}

type ClassFault = { readonly code: "unknown-class" | "class-missing"; readonly detail: { readonly name: string } };

/**
 * Our own class id, as long as the shown name is still that of the class: someone who renames a classification in another
 * tool means another class. Otherwise by mapping, then by name, whatever the case, among classes that are drawn.
 */
function findClass(
  properties: Readonly<Record<string, unknown>>,
  claim: Claim,
  { classes, mapping = {} }: ImportOptions,
  note: Note,
): ClassId | ClassFault {
  const name = classificationName(properties) ?? (typeof properties["name"] === "string" ? properties["name"] : "");
  const own = classes.find((each) => each.id === claim.classId);
  if (own !== undefined && (name === "" || sameName(own.name, name))) return own.id;
  const mapped = Object.hasOwn(mapping, name) ? mapping[name] : undefined;
  const means = (each: ClassDefinition) =>
    mapped === undefined ? name !== "" && sameName(each.name, name) : each.id === mapped;
  const found = classes.find((each) => !each.retired && means(each))?.id;
  if (found === undefined) {
    return name === "" ? { code: "class-missing", detail: { name } } : { code: "unknown-class", detail: { name } };
  }
  if (own !== undefined) note("class-changed", { from: own.name, to: name });
  return found;
}

function sameName(left: string, right: string): boolean {
  return left.trim().toLowerCase() === right.trim().toLowerCase();
}

function countUnknown(report: Report, properties: Readonly<Record<string, unknown>>, name: string): void {
  const { classification } = properties;
  const colours = isRecord(classification) ? [classification["color"], classification["colorRGB"]] : [];
  const colour = [...colours, properties["color"]].map(colourOf).find((each) => each !== null) ?? null;
  const before = report.unknown.get(name);
  report.unknown.set(name, { colour: before?.colour ?? colour, count: (before?.count ?? 0) + 1 });
}

/** QuPath writes colours as a signed 32-bit ARGB number (up to 0.2) or as three bytes. */
function colourOf(value: unknown): string | null {
  if (typeof value === "number" && Number.isInteger(value)) return hex(value & 0xffffff);
  if (!Array.isArray(value)) return null;
  const [red, green, blue]: unknown[] = value;
  if (typeof red !== "number" || typeof green !== "number" || typeof blue !== "number") return null;
  const packed = (red << 16) | (green << 8) | blue;
  return hex(packed & 0xffffff);
}

function hex(rgb: number): string {
  return `#${rgb.toString(16).padStart(6, "0")}`;
}

function noteDropped(
  feature: Readonly<Record<string, unknown>>,
  properties: Readonly<Record<string, unknown>>,
  lost: readonly string[],
  note: Note,
): void {
  if (feature["nucleusGeometry"] !== undefined) note("nucleus-dropped");
  const kind = properties["objectType"] ?? properties["object_type"];
  if (typeof kind === "string" && kind !== "annotation") note("object-type-changed", { from: kind });
  const unread = Object.keys(properties).filter((key) => !READ.has(key) && holdsSomething(properties[key]));
  const keys = [...lost, ...unread];
  if (keys.length > 0) note("properties-dropped", { keys });
}

function holdsSomething(value: unknown): boolean {
  if (value === null || value === false || value === "") return false;
  return typeof value !== "object" || Object.keys(value).length > 0;
}

function offSlide(geometry: Geometry, slide: Extent, note: Note): Readonly<Record<string, unknown>> | null {
  const checked = refuseMalformed(geometry, slide);
  if (!checked.ok) return checked.detail;
  const { minX, minY, maxX, maxY } = geometryBbox(geometry);
  const beyondPx = Math.max(-minX, -minY, maxX - slide.width, maxY - slide.height);
  if (beyondPx > 0) note("partly-off-slide", { beyondPx });
  return null;
}

/** A stamp of ours stands as long as that version exists; anything else is outlined now. */
function stampOf({ under }: Claim, newest: number, note: Note): number {
  if (under === null) return newest;
  if (Number.isInteger(under) && under >= 1 && under <= newest) return under;
  note("stamp-not-ours", { under, newest });
  return newest;
}

function takeId({ id }: Claim, report: Report, note: Note): AnnotationId | null {
  if (id === undefined) return null;
  const parsed = annotationId.safeParse(id);
  if (!parsed.success) {
    note("id-not-ours", { id: asText(id) });
    return null;
  }
  if (report.ids.has(parsed.data)) {
    note("id-repeated", { id: parsed.data });
    return null;
  }
  report.ids.add(parsed.data);
  return parsed.data;
}
