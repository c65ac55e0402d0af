import { guidelineHistory } from "#db/guidelines.ts";
import { type WholeRound, wholeRounds } from "#db/rounds.ts";
import { slidesOf } from "#db/slides.ts";
import { allTasks } from "#db/tasks.ts";
import { blockingFindings } from "#domain/findings.ts";
import type { GuidelineVersion } from "#domain/guideline.ts";
import type { ProjectId, SlideId } from "#domain/ids.ts";
import { type Blocker, type BlockerCode, type BlockerSubject, blockers, type ReleaseFacts } from "#domain/release.ts";
import { isUnfinished } from "#domain/task.ts";
import { micronPerPx } from "#domain/units.ts";
import type { Blocker as BlockerView } from "#server/api/schemas/releases.ts";
import type { World } from "#server/api/world.ts";
import { findingView, placeOf } from "./finding-view.ts";
import { type SlideTruth, slideTruth } from "./ground-truth.ts";
import { measureOutlines } from "./outline-measures.ts";
import { stalenessWithin } from "./staleness.ts";

type Work = Pick<World, "db" | "computation">;

/** Everything that a release of these slides would hold, and everything that stands in its way. */
export type ReleaseCandidate = {
  readonly truths: readonly SlideTruth[];
  readonly guideline: GuidelineVersion | null;
  readonly blockers: readonly Blocker[];
};

/**
 * What a release would hold and what stands in its way, as freezing finds it: what pairs share is measured first.
 * @param chosen slides to freeze; all of the project's where undefined
 */
export async function measuredCandidate(
  work: Work,
  projectId: ProjectId,
  chosen?: ReadonlySet<SlideId>,
): Promise<ReleaseCandidate> {
  await measureOutlines(work, projectId, await guidelineHistory(work.db, projectId));
  return releaseCandidate(work, projectId, chosen);
}

/**
 * The same by what is measured already, for a moment that is only read.
 * @param chosen slides to freeze; all of the project's where undefined
 */
export async function releaseCandidate(
  work: Work,
  projectId: ProjectId,
  chosen?: ReadonlySet<SlideId>,
): Promise<ReleaseCandidate> {
  const history = await guidelineHistory(work.db, projectId);
  const guideline = history.at(-1) ?? null;
  const slides = (await slidesOf(work.db, projectId)).filter((slide) => chosen === undefined || chosen.has(slide.id));
  const truths: SlideTruth[] = [];
  for (const slide of slides) truths.push(await slideTruth(work, slide, history, guideline?.number ?? 0));
  const included = new Set(slides.map((slide) => slide.id));
  const stale = await stalenessWithin(work.db, { projectId }, history);
  const open = stale.items.filter((item) => included.has(item.slideId) && !item.waived);
  const waiting = new Set<string>(open.map((item) => item.id));
  const tasks = (await allTasks(work.db, projectId)).filter(
    (task) => isUnfinished(task.state) && included.has(task.slideId),
  );
  const facts: ReleaseFacts = {
    guidelineNumber: guideline?.number ?? null,
    slides: truths.map(({ slide, annotations }) => ({ slideId: slide.id, hasGroundTruth: annotations.length > 0 })),
    ...roundFacts(await wholeRounds(work.db, { projectId }), included),
    staleItems: open.filter(({ standing }) => standing.state === "stale"),
    undecidedItems: open.filter(({ standing }) => standing.state === "undecided"),
    openTasks: tasks.map(({ id, slideId, layerId }) => ({ id, slideId, layerId })),
    undecidedDisputes: truths.flatMap(({ slide, unsettled }) =>
      unsettled.map(({ dispute }) => ({ id: dispute.key, slideId: slide.id, layerId: null })),
    ),
    // An outline whose class is gone is blocked by its open question already.
    blockingFindings: truths
      .flatMap((truth) => findingSubjects(truth, guideline))
      .filter((finding) => !waiting.has(finding.id)),
  };
  return { truths, guideline, blockers: blockers(facts) };
}

function roundFacts(rounds: readonly WholeRound[], included: ReadonlySet<SlideId>) {
  const unsubmittedReads: BlockerSubject[] = [];
  const blindedRounds: BlockerSubject[] = [];
  for (const { round, slides, reads } of rounds) {
    const on = slides.find((slide) => included.has(slide.id));
    // What was not read of a bridge set under an older version is not asked for any more.
    if (on === undefined || (round.purpose === "bridge" && round.closedAt !== null)) continue;
    if (round.mode === "blind" && round.unblindedAt === null)
      blindedRounds.push({ id: round.id, slideId: on.id, layerId: null });
    for (const { id, slideId, kind, state } of reads) {
      if (kind === "read" && state === "open" && included.has(slideId))
        unsubmittedReads.push({ id, slideId, layerId: id });
    }
  }
  return { unsubmittedReads, blindedRounds };
}

/** Each outline with a finding that blocks, by the first of them. */
function findingSubjects({ slide, annotations }: SlideTruth, guideline: GuidelineVersion | null): BlockerSubject[] {
  if (guideline === null) return [];
  const mpp = slide.mpp === null ? null : micronPerPx(slide.mpp);
  const found = blockingFindings(annotations, { content: guideline.content, mpp, slide: slide.meta });
  const first = new Map(found.toReversed().map((each) => [each.annotationId, each]));
  return annotations.flatMap(({ id }) => {
    const finding = first.get(id)?.finding;
    return finding === undefined ? [] : [{ id, slideId: slide.id, layerId: null, finding }];
  });
}

const TITLES: Readonly<Record<BlockerCode, string>> = {
  "no-guideline": "No guideline version is published",
  "no-slides": "There are no slides to freeze",
  "unsubmitted-reads": "Reads are not submitted",
  "blinded-rounds": "Rounds are still blind",
  "stale-items": "Outlines wait for an answer about the changed guideline",
  "undecided-items": "Outlines that nobody could tell wait for a lead",
  "open-tasks": "Tasks are not finished",
  "undecided-disputes": "Disputes between reads are not decided",
  "blocking-findings": "Outlines fail a quality check that blocks",
  "no-ground-truth": "Slides have no ground truth",
};
const LINKS_SHOWN = 20;

/** Blockers with a title and links to where each is dealt with. */
export function blockerViews(projectId: ProjectId, candidate: ReleaseCandidate): BlockerView[] {
  const truths = new Map(candidate.truths.map((truth) => [truth.slide.id, truth]));
  return candidate.blockers.map(({ code, count, subjects }) => ({
    code,
    title: TITLES[code],
    count,
    links: linksOf(projectId, code, subjects, truths).slice(0, LINKS_SHOWN),
  }));
}

function linksOf(
  projectId: ProjectId,
  code: BlockerCode,
  subjects: readonly BlockerSubject[],
  truths: ReadonlyMap<SlideId, SlideTruth>,
): BlockerView["links"] {
  const base = `/projects/${projectId}`;
  return subjects.map((subject) => {
    const truth = subject.slideId === null ? undefined : truths.get(subject.slideId);
    const name = truth?.slide.name ?? "";
    const viewer = `${base}/slides/${subject.slideId}`;
    switch (code) {
      case "no-guideline":
        return { label: "Guideline", href: `${base}/guideline` };
      case "no-slides":
        return { label: "Slides", href: `${base}/slides` };
      case "unsubmitted-reads":
      case "blinded-rounds":
        return { label: name, href: `${base}/rounds` };
      case "open-tasks":
        return { label: `Task on ${name}`, href: `${base}/tasks?task=${subject.id}` };
      case "undecided-disputes":
        return { label: `Dispute on ${name}`, href: `${viewer}?round=${truth?.roundId ?? ""}&dispute=${subject.id}` };
      case "stale-items":
      case "undecided-items":
        return { label: `Outline on ${name}`, href: `${viewer}?layer=${subject.layerId}&annotation=${subject.id}` };
      case "blocking-findings":
        return findingLink(name, viewer, subject);
      case "no-ground-truth":
        return { label: name, href: viewer };
      default:
        return code satisfies never;
    }
  });
}

function findingLink(name: string, viewer: string, { id, finding }: BlockerSubject): BlockerView["links"][number] {
  if (finding === undefined) return { label: name, href: viewer };
  return { label: `Outline on ${name}`, href: `${viewer}${placeOf(finding.bbox)}`, finding: findingView(id, finding) };
}
