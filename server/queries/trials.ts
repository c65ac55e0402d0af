import { blindReaders } from "#db/access.ts";
import type { Db } from "#db/client.ts";
import { peopleById } from "#db/people.ts";
import { slidesByIds } from "#db/slides.ts";
import {
  countTrialOutlines,
  type TrialOutlineRow,
  type TrialRow,
  trialOutlinesOf,
  trialSlidesOf,
  trialsOf,
} from "#db/trials.ts";
import type { SlideId, TrialId } from "#domain/ids.ts";
import { can, type Member, type SlideSubject } from "#domain/permissions.ts";
import { classUses } from "#domain/trial.ts";
import { requireMember } from "#server/access.ts";
import type { Trial, TrialDetail, TrialSheet } from "#server/api/schemas/trials.ts";
import { AppError } from "#server/errors.ts";
import type { Caller } from "#server/session.ts";
import { tileBase } from "./slides.ts";

export type SeenTrial = { readonly trial: TrialRow; readonly member: Member; readonly slideIds: readonly SlideId[] };

/** A trial of a project that the caller is in. @throws AppError not-found */
export async function requireTrial(db: Db, caller: Caller, trialId: TrialId): Promise<SeenTrial> {
  const [trial] = await trialsOf(db, { trialId });
  if (trial === undefined) throw new AppError("not-found", { trialId });
  const member = await requireMember(db, caller, trial.projectId, { trialId });
  const slideIds = (await trialSlidesOf(db, [trialId])).map((row) => row.slideId);
  return { trial, member, slideIds };
}

/** Trials of the project, newest first. */
export async function trialsFor(db: Db, member: Member): Promise<Trial[]> {
  const rows = await trialsOf(db, { projectId: member.projectId });
  return Promise.all(rows.map((row) => toTrial(db, member, row)));
}

/** A trial with its draft; how the classes were used only for who may see others' work on all of its slides. */
export async function trialFor(db: Db, { trial, member, slideIds }: SeenTrial): Promise<TrialDetail> {
  const subject = await trialSubject(db, trial, slideIds);
  const sees = can(member, "trial.results", subject);
  return {
    ...(await toTrial(db, member, trial)),
    content: trial.content,
    results: sees ? await resultsOf(db, trial) : null,
  };
}

/** What somebody has drawn on a slide of a trial; nobody sees another's. */
export async function trialSheetFor(db: Db, { trial, member }: SeenTrial, slideId: SlideId): Promise<TrialSheet> {
  const rows = await trialOutlinesOf(db, trial.id, { personId: member.personId, slideId });
  return {
    outlines: rows.map(({ id, classId, geometry, note }) => ({ id, classId, geometry, note })),
    endedAt: trial.endedAt?.toISOString() ?? null,
  };
}

async function trialSubject(db: Db, trial: TrialRow, slideIds: readonly SlideId[]): Promise<SlideSubject> {
  const readers = await blindReaders(db, slideIds);
  return { projectId: trial.projectId, slideBlindReaderIds: [...readers.values()].flat() };
}

async function toTrial(db: Db, member: Member, trial: TrialRow): Promise<Trial> {
  const ids = (await trialSlidesOf(db, [trial.id])).map((row) => row.slideId);
  const slides = await slidesByIds(db, ids);
  return {
    id: trial.id,
    name: trial.name,
    parent: trial.parent,
    createdBy: trial.createdByPerson,
    createdAt: trial.createdAt.toISOString(),
    endedAt: trial.endedAt?.toISOString() ?? null,
    slides: slides.map((slide) => ({ id: slide.id, name: slide.name, thumbnailUrl: `${tileBase(slide)}/thumbnail` })),
    mine: await countTrialOutlines(db, trial.id, member.personId),
  };
}

async function resultsOf(db: Db, trial: TrialRow): Promise<NonNullable<TrialDetail["results"]>> {
  const outlines = await trialOutlinesOf(db, trial.id);
  const slides = await slidesByIds(db, [...new Set(outlines.map(({ slideId }) => slideId))]);
  const mpp = new Map(slides.map((slide) => [slide.id, slide.mpp]));
  const isScaled = slides.every((slide) => slide.mpp !== null);
  const scaled = (of: readonly TrialOutlineRow[], slideId: SlideId) =>
    classUses(
      trial.content.classes,
      of.filter((each) => each.slideId === slideId),
    ).map(({ classId, areaPx }) => ({
      classId,
      areaUm2: areaPx * (mpp.get(slideId) ?? 0) ** 2,
    }));
  const areas = slides.flatMap(({ id }) => scaled(outlines, id));
  const people = await peopleById(db, [...new Set(outlines.map(({ personId }) => personId))]);
  return {
    classes: classUses(trial.content.classes, outlines).map(({ areaPx: _, ...use }) => {
      const areaUm2 = areas
        .filter(({ classId }) => classId === use.classId)
        .reduce((sum, each) => sum + each.areaUm2, 0);
      return { ...use, areaUm2: isScaled ? areaUm2 : null };
    }),
    people: [...people.values()].map(({ id, name, colour }) => {
      const counts: Record<string, number> = {};
      for (const each of outlines) if (each.personId === id) counts[each.classId] = (counts[each.classId] ?? 0) + 1;
      return { id, name, colour, counts };
    }),
  };
}
