/** What the text of a slide file says that the product keeps, and the names (never the values) of what it does not. */
export type SlideFacts = {
  readonly format: string;
  readonly mpp: number | null;
  readonly objective: number | null;
  readonly scanner: string | null;
  readonly identifyingFields: readonly string[];
};

/** Scanners work between 100x and 0.5x; what lies outside is a print resolution. In um per pixel. */
const MIN_MPP = 0.05;
const MAX_MPP = 20;
/** x and y that differ by more do not make one scale. */
const MAX_ANISOTROPY = 0.05;
const MAX_OBJECTIVE = 200;

/** Aperio names that cannot lead to a person, a day or a place; whatever else a header carries is taken as identifying. */
const APERIO_HARMLESS =
  /^(AppMag|MPP|StripeWidth|Parmset|Left|Top|LineCameraSkew|LineAreaXOffset|LineAreaYOffset|Focus Offset|Filtered|OriginalWidth|OriginalHeight|ICC Profile|Gamma|DisplayColor|SessonMode|SessionMode|Exposure Time|Exposure Scale|DSR ID|Rack|Slide|CollectionNumber|Offset\w*)$/i;
/** Elements and attributes of OME-XML that name people, days or files. */
const OME_IDENTIFYING: readonly (readonly [name: string, pattern: RegExp])[] = [
  ["Experimenter", /<(?:\w{1,16}:)?Experimenter[\s>]/],
  ["AcquisitionDate", /<(?:\w{1,16}:)?AcquisitionDate>/],
  ["Image Name", /<(?:\w{1,16}:)?Image\b[^<>]{0,1000}?\bName=/],
  ["Description", /<(?:\w{1,16}:)?Description>/],
  ["StructuredAnnotations", /<(?:\w{1,16}:)?StructuredAnnotations[\s>]/],
];

const CONCORD = "Concord pyramid";

export function isAperio(description: string): boolean {
  return /^Aperio/i.test(description);
}

export function isOme(description: string): boolean {
  return /<(?:\w{1,16}:)?OME[\s>]/.test(description.slice(0, 4_096));
}

/** What pyramids made by this product say about themselves. */
export function concordDescription(mpp: number | null, objective: number | null): string {
  const facts = [mpp === null ? [] : [`MPP = ${mpp}`], objective === null ? [] : [`AppMag = ${objective}`]].flat();
  return [CONCORD, ...facts].join("|");
}

export function isConcord(description: string): boolean {
  return description.split("|")[0] === CONCORD;
}

/** Facts of a pyramid made by this product. */
export function concordFacts(description: string): SlideFacts {
  return { ...aperioFacts(description), format: "tiff", scanner: null, identifyingFields: [] };
}

/** Facts from an Aperio header: `text|Name = value|Name = value`. */
export function aperioFacts(description: string): SlideFacts {
  const pairs = description
    .split("|")
    .slice(1)
    .map((part) => part.split("="))
    .map(([name = "", value = ""]) => [name.trim(), value.trim()] as const)
    .filter(([name]) => name !== "");
  const value = (wanted: string): string | undefined => pairs.find(([name]) => name.toLowerCase() === wanted)?.[1];
  const identifying = pairs.map(([name]) => name.slice(0, 64)).filter((name) => !APERIO_HARMLESS.test(name));
  return {
    format: "aperio",
    mpp: plausibleMpp(Number(value("mpp") ?? Number.NaN)),
    objective: plausibleObjective(Number(value("appmag") ?? Number.NaN)),
    scanner: "Aperio",
    identifyingFields: [...new Set(identifying)],
  };
}

const UNIT_IN_MICRON = new Map([
  ["µm", 1],
  ["μm", 1],
  ["um", 1],
  ["nm", 0.001],
  ["mm", 1_000],
  ["cm", 10_000],
]);

/**
 * Facts from OME-XML by bounded patterns: no parser, so no entities and no external documents.
 * Source: OME schema 2016-06; the unit is µm where it is not said.
 */
export function omeFacts(xml: string): SlideFacts {
  const pixels = /<(?:\w{1,16}:)?Pixels\b([^<>]{0,4000})>/.exec(xml)?.[1] ?? "";
  const objective = /<(?:\w{1,16}:)?Objective\b([^<>]{0,2000})>/.exec(xml)?.[1] ?? "";
  const size = (axis: "X" | "Y"): number =>
    Number(attribute(pixels, `PhysicalSize${axis}`) ?? Number.NaN) *
    (UNIT_IN_MICRON.get(attribute(pixels, `PhysicalSize${axis}Unit`) ?? "µm") ?? Number.NaN);
  return {
    format: "ome-tiff",
    mpp: meanMpp(size("X"), size("Y")),
    objective: plausibleObjective(Number(attribute(objective, "NominalMagnification") ?? Number.NaN)),
    scanner: null,
    identifyingFields: OME_IDENTIFYING.filter(([, pattern]) => pattern.test(xml)).map(([name]) => name),
  };
}

/** How many colours, depths and times the first image of OME-XML has, where it says so. */
export function omePlanes(xml: string): number {
  const pixels = /<(?:\w{1,16}:)?Pixels\b([^<>]{0,4000})>/.exec(xml)?.[1] ?? "";
  return Number(attribute(pixels, "SizeZ") ?? 1) * Number(attribute(pixels, "SizeT") ?? 1);
}

/** Scale from pixels per inch (unit 2) or per cm (unit 3); null without a unit or where it is no microscope's. */
export function resolutionMpp(unit: number, x: number, y: number): number | null {
  const micron = unit === 2 ? 25_400 : unit === 3 ? 10_000 : Number.NaN;
  return meanMpp(micron / x, micron / y);
}

function meanMpp(x: number, y: number): number | null {
  if (Math.abs(x - y) > MAX_ANISOTROPY * Math.max(x, y)) return null;
  return plausibleMpp((x + (Number.isFinite(y) ? y : x)) / 2);
}

function plausibleMpp(value: number): number | null {
  return value >= MIN_MPP && value <= MAX_MPP ? value : null;
}

function plausibleObjective(value: number): number | null {
  return value > 0 && value <= MAX_OBJECTIVE ? value : null;
}

function attribute(element: string, name: string): string | undefined {
  return new RegExp(`(?:^|\\s)${name}="([^"]{0,200})"`).exec(element)?.[1];
}
