import type { SlideLevel, SlideMeta } from "#domain/slide.ts";
import { SlideError } from "./slide-source.ts";
import { unsupportedBecause } from "./tiff-codec.ts";
import {
  aperioFacts,
  concordFacts,
  isAperio,
  isConcord,
  isOme,
  omeFacts,
  omePlanes,
  resolutionMpp,
  type SlideFacts,
} from "./tiff-description.ts";
import { readTiffImage, type TiffImage } from "./tiff-image.ts";
import { readNumber, readText, TAG, type TiffDirectory, type TiffIndex } from "./tiff-index.ts";

/** Which images of a file are the levels of the slide, finest first, and what the file says about it. */
export type TiffPyramid = { readonly levels: readonly TiffImage[]; readonly meta: SlideMeta };

/** Fields of the base directory whose mere presence may lead to a person, a day or a place. */
const IDENTIFYING_TAGS = [
  [TAG.documentName, "DocumentName"],
  [TAG.pageName, "PageName"],
  [TAG.dateTime, "DateTime"],
  [TAG.artist, "Artist"],
  [TAG.hostComputer, "HostComputer"],
  [TAG.copyright, "Copyright"],
] as const;
/** A level keeps the shape of the slide but for the rounding of its sides, in its own px. */
const ROUNDING_PX = 1.5;
const MIN_STEP = 1.2;

/**
 * Sorts the images of a file into levels and the rest. Label, macro and thumbnail are named and never offered.
 * @throws SlideError slide-unsupported with the reason where no tiled image can be shown
 */
export async function readPyramid(index: TiffIndex): Promise<TiffPyramid> {
  const [first] = index.directories;
  if (first === undefined) throw new SlideError("slide-damaged", "it holds no image");
  await refuseForeignVendor(index, first);
  const images = await Promise.all(index.directories.map((directory) => readTiffImage(index, directory)));
  const base = baseOf(images);
  const children = await Promise.all(base.directory.children.map((directory) => readTiffImage(index, directory)));
  const reduced = isOme(images[0]?.description ?? "") ? children : [...images, ...children];
  const levels = levelsOf(base, reduced);
  const facts = await factsOf(index, base, images[0] ?? base);
  const rest = images.filter((image) => !levels.includes(image));
  return {
    levels,
    meta: {
      format: facts.format,
      width: base.width,
      height: base.height,
      mpp: facts.mpp,
      objective: facts.objective,
      scanner: facts.scanner,
      levels: levels.map((image) => levelOf(base, image)),
      strippedFields: [...facts.identifyingFields],
      strippedImages: rest.map(imageName),
    },
  };
}

/** A reduced image as a level of its base: the whole step where rounding of the sides alone explains the difference. */
function levelOf(base: TiffImage, image: TiffImage): SlideLevel {
  const ratio = (base.width / image.width + base.height / image.height) / 2;
  const step = Math.round(ratio);
  const whole =
    Math.abs(base.width / step - image.width) <= ROUNDING_PX &&
    Math.abs(base.height / step - image.height) <= ROUNDING_PX;
  return {
    width: image.width,
    height: image.height,
    tileWidth: image.tileWidth,
    tileHeight: image.tileHeight,
    downsample: whole ? step : ratio,
  };
}

function baseOf(images: readonly TiffImage[]): TiffImage {
  const tiled = images.filter((image) => image.tiled);
  const [first] = tiled;
  if (first === undefined)
    throw new SlideError("slide-unsupported", "it is not tiled; it must be converted first", { plain: true });
  const base = tiled.reduce((largest, image) => (image.width > largest.width ? image : largest), first);
  const reason = unsupportedBecause(base);
  if (reason !== null) throw new SlideError("slide-unsupported", reason);
  return base;
}

function levelsOf(base: TiffImage, others: readonly TiffImage[]): TiffImage[] {
  const levels = [base];
  const reduced = others
    .filter((image) => image.tiled && image !== base && unsupportedBecause(image) === null)
    .sort((a, b) => b.width - a.width);
  for (const image of reduced) {
    const finer = levels.at(-1) ?? base;
    if (finer.width / image.width >= MIN_STEP && hasShapeOf(base, image)) levels.push(image);
  }
  return levels;
}

function hasShapeOf(base: TiffImage, image: TiffImage): boolean {
  const ratio = base.width / image.width;
  const error = Math.abs(base.height / ratio - image.height);
  return error <= ROUNDING_PX * Math.max(1, image.height / image.width);
}

async function factsOf(index: TiffIndex, base: TiffImage, first: TiffImage): Promise<SlideFacts> {
  const said = saidFacts(base, first);
  const number = (tag: number): Promise<number> => readNumber(index, base.directory, tag, Number.NaN);
  const mpp = resolutionMpp(
    await number(TAG.resolutionUnit),
    await number(TAG.xResolution),
    await number(TAG.yResolution),
  );
  const device = [await deviceText(index, base, TAG.make), await deviceText(index, base, TAG.model)];
  const tags = IDENTIFYING_TAGS.filter(([tag]) => base.directory.fields.has(tag)).map(([, name]) => name);
  return {
    ...said,
    mpp: said.mpp ?? mpp,
    scanner: device.filter((text) => text !== "").join(" ") || said.scanner,
    identifyingFields: [...new Set([...said.identifyingFields, ...tags])],
  };
}

async function deviceText(index: TiffIndex, base: TiffImage, tag: number): Promise<string> {
  return ((await readText(index, base.directory, tag)) ?? "").trim().slice(0, 100);
}

function saidFacts(base: TiffImage, first: TiffImage): SlideFacts {
  if (isAperio(base.description)) return aperioFacts(base.description);
  if (isOme(first.description)) {
    if (omePlanes(first.description) > 1) {
      throw new SlideError("slide-unsupported", "it holds several depths or times; one plane is read");
    }
    return omeFacts(first.description);
  }
  if (isConcord(base.description)) return concordFacts(base.description);
  return { format: "tiff", mpp: null, objective: null, scanner: null, identifyingFields: [] };
}

/** Vendors whose files look like tiled TIFF and would be shown wrongly. */
async function refuseForeignVendor(index: TiffIndex, first: TiffDirectory): Promise<void> {
  const refuse = (vendor: string): never => {
    throw new SlideError("slide-unsupported", `${vendor} files are not read yet`, { vendor });
  };
  if (first.fields.has(TAG.hamamatsuFormat)) refuse("Hamamatsu NDPI");
  const software = (await readText(index, first, TAG.software)) ?? "";
  if (/^Philips/i.test(software)) refuse("Philips TIFF");
  if (/^MedScan/i.test(software)) refuse("Trestle");
  const description = (await readText(index, first, TAG.description)) ?? "";
  if (description.slice(0, 1_000).includes("leica-microsystems.com/scn")) refuse("Leica SCN");
  const xmp = (await readText(index, first, TAG.xmp)) ?? "";
  if (/<(?:EncodeInfo|iScan)[\s>]/.test(xmp)) refuse("Ventana BIF");
}

function imageName(image: TiffImage, position: number): string {
  const named = /^Aperio[^\r\n]{0,200}\r?\n(label|macro)\b/i.exec(image.description)?.[1];
  if (named !== undefined) return named.toLowerCase();
  if (isAperio(image.description)) return "thumbnail";
  const word = /\b(label|macro|thumbnail|overview)\b/i.exec(image.description.slice(0, 2_000))?.[1];
  return word?.toLowerCase() ?? `image ${position + 1}`;
}
