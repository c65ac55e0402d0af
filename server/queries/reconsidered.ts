import { readsOf, roundSlidesOf, standingAdjudications } from "#db/consensus.ts";
import { draftOf, versionsOf } from "#db/guidelines.ts";
import { slidesOf } from "#db/slides.ts";
import { can, type Member } from "#domain/permissions.ts";
import type { Reconsidered } from "#server/api/schemas/guideline.ts";
import type { World } from "#server/api/world.ts";
import { disputesUnder, type GuidelineUsed } from "#server/commands/compute-consensus.ts";
import { AppError } from "#server/errors.ts";
import { consensusWithDecisions, roundSubject } from "./consensus.ts";
import { reconsiderations } from "./decisions.ts";
import { changesOf } from "./draft.ts";

type Work = Pick<World, "db" | "computation">;

/**
 * Which decisions publishing the draft would reopen, slide by slide: the consensus is computed under the draft as it will be
 * after publishing, and the decisions are laid on it by the same functions. Only slides where somebody decided, of rounds
 * whose consensus the lead may see. @throws AppError not-found where there is no draft
 */
export async function reconsideredBy(work: Work, member: Member): Promise<Reconsidered> {
  const { projectId } = member;
  const draft = await draftOf(work.db, projectId);
  if (draft === null) throw new AppError("not-found", { projectId });
  const versions = await versionsOf(work.db, projectId);
  const parent = versions.at(-1) ?? null;
  const number = (parent?.number ?? 0) + 1;
  const changes = changesOf(parent?.content ?? null, draft);
  if (!changes.ok) return { parent: parent?.number ?? 0, counted: false, slides: [] };
  const history = [...versions, { number, changes: changes.value }];
  const under = { number, content: draft.content, history };
  const slides = await decidedSlides(work, member, under);
  return { parent: parent?.number ?? 0, counted: true, slides };
}

async function decidedSlides(work: Work, member: Member, under: GuidelineUsed): Promise<Reconsidered["slides"]> {
  const { projectId } = member;
  const names = new Map((await slidesOf(work.db, projectId)).map(({ id, name }) => [id, name]));
  const decided = await standingAdjudications(work.db, [...names.keys()]);
  const reads = await readsOf(work.db, { projectId });
  const found: Reconsidered["slides"] = [];
  for (const { round, slideId } of await roundSlidesOf(work.db, projectId)) {
    const isHere = (each: { readonly roundId: string | null; readonly slideId: string }) =>
      each.roundId === round.id && each.slideId === slideId;
    const submitted = reads.filter((read) => isHere(read) && read.state === "submitted").length;
    if (submitted < 2 || !decided.some(isHere)) continue;
    const subject = await roundSubject(work, round.id, slideId);
    if (subject === null || !can(member, "consensus.view", subject)) continue;
    const { standings } = await consensusWithDecisions(work, round.id, slideId);
    const { reopened, settled } = reconsiderations(standings, await disputesUnder(work, round.id, slideId, under));
    if (reopened.length + settled.length === 0) continue;
    const place = { roundId: round.id, roundName: round.name, slideId, slideName: names.get(slideId) ?? "" };
    found.push({ ...place, reopened: reopened.map(({ id }) => id), settled: settled.map(({ id }) => id) });
  }
  return found;
}
