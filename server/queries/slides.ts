import { type LayerFacts, layerFacts } from "#db/access.ts";
import type { Db } from "#db/client.ts";
import { guidelineHistory, lastForced } from "#db/guidelines.ts";
import { type LayerName, layerNames } from "#db/layer-names.ts";
import { roundUnder } from "#db/rounds.ts";
import { type SlideRow, slideById } from "#db/slides.ts";
import { type LayerId, layerId, personId, type SlideId } from "#domain/ids.ts";
import { can, type Member } from "#domain/permissions.ts";
import { versionLimit } from "#domain/round.ts";
import { requireMember } from "#server/access.ts";
import type { Layer, Slide, SlideView } from "#server/api/schemas/slides.ts";
import { AppError } from "#server/errors.ts";
import type { Caller } from "#server/session.ts";
import { untestedReads } from "./untested-reads.ts";
import { waiversOnSlide } from "./waivers.ts";

/** First part of a slide's tile addresses; the hash makes them immutable. */
export function tileBase(slide: { readonly id: string; readonly contentHash: string }): string {
  return `/slides/${slide.id}/${slide.contentHash.slice(0, 16)}`;
}

export function toSlide(row: SlideRow): Slide {
  const { id, projectId, caseId, caseName, name, mpp, stain, site, meta } = row;
  return {
    id,
    projectId,
    caseId,
    caseName,
    name,
    format: meta.format,
    width: meta.width,
    height: meta.height,
    mpp,
    objective: meta.objective,
    stain,
    site,
    scanner: meta.scanner,
    strippedFields: meta.strippedFields,
    strippedImages: meta.strippedImages,
    thumbnailUrl: `${tileBase(row)}/thumbnail`,
    createdAt: row.createdAt.toISOString(),
  };
}

/** A slide that the caller may see, with their membership; foreign and absent are one answer. */
export async function requireSlide(
  db: Db,
  caller: Caller,
  slideId: SlideId,
): Promise<{ readonly slide: SlideRow; readonly member: Member }> {
  const slide = await slideById(db, slideId);
  if (slide === null) throw new AppError("not-found", { slideId });
  return { slide, member: await requireMember(db, caller, slide.projectId, { slideId }) };
}

/** Layers of a slide that this person may see, own first. What they may not see is not there at all. */
export async function visibleLayers(db: Db, member: Member, slideId: SlideId): Promise<Layer[]> {
  const facts = await layerFacts(db, { slideId });
  const seen = facts.filter(({ subject }) => can(member, "layer.see", subject));
  const names = await layerNames(
    db,
    seen.map((each) => each.layerId),
  );
  const letters = readLetters(seen);
  const untested = await untestedReads(db, member);
  const forced = await lastForced(db, member.projectId);
  const layers = seen.flatMap(({ layerId, subject }) => {
    const known = names.get(layerId);
    if (known === undefined) return [];
    const named = can(member, "layer.reader", subject) ? known : anonymous(known, letters.get(layerId) ?? "");
    const mine = subject.readerId === member.personId;
    const { submittedAt } = known.layer;
    return [
      {
        ...toLayer(named),
        write: can(member, "layer.write", subject),
        mine,
        guidelineNumber: mine ? limitOf(known, forced) : null,
        untested: untested({ readerId: subject.kind === "read" ? subject.readerId : null, submittedAt }),
      },
    ];
  });
  return layers.sort((a, b) => Number(b.mine) - Number(a.mine));
}

function limitOf({ round }: LayerName, forced: number): number | null {
  const limit = versionLimit(round && roundUnder(round), forced);
  return Number.isFinite(limit) ? limit : null;
}

/** Letters of the reads of a slide by layer id, whose order says nothing of the readers. */
function readLetters(facts: readonly LayerFacts[]): Map<LayerId, string> {
  const reads = facts.filter(({ subject }) => subject.kind === "read").map(({ layerId }) => layerId);
  return new Map(reads.sort().map((layerId, index) => [layerId, String.fromCharCode(65 + index)]));
}

function anonymous(known: LayerName, letter: string): LayerName {
  return { ...known, reader: known.reader === null ? null : { ...NOBODY, name: `read ${letter}` } };
}

/** Who is named where somebody may not know whose read it is. */
export const NOBODY = { id: personId.parse("anonymousreader"), name: "a reader", colour: "#868e96" } as const;

function toLayer({ layer, round, reader }: LayerName): Omit<Layer, "write" | "mine" | "untested" | "guidelineNumber"> {
  return {
    id: layer.id,
    slideId: layer.slideId,
    kind: layer.kind,
    name: nameOf({ layer, round, reader }),
    round:
      round === null
        ? null
        : {
            id: round.id,
            name: round.name,
            mode: round.mode,
            unblinded: round.mode !== "blind" || round.unblindedAt !== null,
          },
    reader,
    state: layer.state,
    submittedAt: layer.submittedAt?.toISOString() ?? null,
  };
}

export function nameOf({ layer, round, reader }: LayerName): string {
  if (layer.kind === "ground-truth") return "Ground truth";
  if (layer.kind === "team") return round === null ? "Team" : `${round.name} (together)`;
  return round === null ? (reader?.name ?? "Read") : `${round.name}: ${reader?.name ?? "read"}`;
}

/** Everything the viewer needs for a first sight of a slide, in one answer. */
export async function slideView(db: Db, caller: Caller, slideId: SlideId): Promise<SlideView> {
  const { slide, member } = await requireSlide(db, caller, slideId);
  const layers = await visibleLayers(db, member, slideId);
  return {
    slide: toSlide(slide),
    levels: slide.meta.levels,
    tileUrl: `${tileBase(slide)}/{level}/{column}_{row}`,
    layers,
    guideline: await guidelineHistory(db, slide.projectId),
    waivers: await waiversOnSlide(
      db,
      slide,
      layers.map(({ id }) => layerId.parse(id)),
    ),
    me: { id: caller.personId, name: caller.name, colour: caller.colour, role: member.role },
  };
}
