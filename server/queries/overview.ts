import { layerFacts } from "#db/access.ts";
import { countAnnotations } from "#db/annotations.ts";
import type { Db } from "#db/client.ts";
import { readsOf } from "#db/consensus.ts";
import { guidelineHistory } from "#db/guidelines.ts";
import { projectsOf } from "#db/projects.ts";
import { wholeRounds } from "#db/rounds.ts";
import { type SlideRow, slidesOf } from "#db/slides.ts";
import { allTasks, type TaskRow } from "#db/tasks.ts";
import { type Tallied, tallyBalance } from "#domain/balance.ts";
import type { ClassDefinition, GuidelineVersion } from "#domain/guideline.ts";
import type { LayerId, ProjectId } from "#domain/ids.ts";
import { type History, type Resolution, resolve } from "#domain/migration.ts";
import { can, type Member } from "#domain/permissions.ts";
import { isAnswerable, isUnfinished } from "#domain/task.ts";
import type { BalanceRow, NextStep, Overview } from "#server/api/schemas/projects.ts";
import type { World } from "#server/api/world.ts";
import { AppError } from "#server/errors.ts";
import { consensusSlides } from "./consensus.ts";
import { projectCard } from "./projects.ts";
import { unblindSubject, worklistFor } from "./rounds.ts";
import { openCounts } from "./staleness.ts";

type Work = Pick<World, "db" | "computation">;
type Progress = NonNullable<Overview["progress"]>;

/** The project page of one member: computed from what this person may see, so that a blind reader learns nothing of others. */
export async function projectOverview(work: Work, member: Member): Promise<Overview> {
  const { db } = work;
  const { projectId } = member;
  const card = (await projectsOf(db, member.personId)).find((each) => each.id === projectId);
  if (card === undefined) throw new AppError("not-found", { projectId });
  const history = await guidelineHistory(db, projectId);
  const slides = await slidesOf(db, projectId);
  const facts = await layerFacts(db, { projectId });
  const visible = facts.filter(({ subject }) => can(member, "layer.see", subject)).map(({ layerId }) => layerId);
  const readsBlind = facts.some(({ subject }) => subject.slideBlindReaderIds.includes(member.personId));
  const progress = readsBlind ? null : await progressOf(work, member, history, visible);
  const balance = await balanceOf(work, history.at(-1)?.content.classes ?? [], history, slides, visible);
  return {
    project: projectCard(card),
    guidelineNumber: history.at(-1)?.number ?? null,
    nextSteps: await nextSteps(work, member, {
      history,
      slides,
      progress,
      tasks: await tasksIn(db, projectId, visible),
    }),
    progress,
    balance: balance.rows,
    effectiveClasses: balance.effectiveClasses,
  };
}

async function progressOf(
  work: Work,
  member: Member,
  history: readonly GuidelineVersion[],
  visible: readonly LayerId[],
): Promise<Progress> {
  const seen = new Set(visible);
  const stale = await openCounts(work.db, { layerIds: visible }, history);
  const reads = (await readsOf(work.db, { projectId: member.projectId })).filter((read) => seen.has(read.layerId));
  const tasks = await tasksIn(work.db, member.projectId, visible);
  const consensus = await consensusSlides(work, member, member.projectId);
  return {
    annotations: stale.current + stale.carriedOver + stale.stale + stale.undecided + stale.waived + stale.archived,
    current: stale.current,
    carriedOver: stale.carriedOver,
    stale: stale.stale,
    undecided: stale.undecided,
    waived: stale.waived,
    readsSubmitted: reads.filter((read) => read.state === "submitted").length,
    readsTotal: reads.length,
    tasksUnfinished: tasks.filter((task) => isUnfinished(task.state)).length,
    disputesUndecided: consensus.reduce((sum, slide) => sum + (slide.undecided ?? 0), 0),
  };
}

async function balanceOf(
  { db }: Pick<World, "db">,
  classes: readonly ClassDefinition[],
  history: History,
  slides: readonly SlideRow[],
  visible: readonly LayerId[],
): Promise<{ readonly rows: BalanceRow[]; readonly effectiveClasses: number | null }> {
  const bySlide = new Map(slides.map((slide) => [slide.id, slide]));
  const drawable = classes.filter((each) => !each.retired);
  const resolved = new Map<string, Resolution>();
  const tallied = (await countAnnotations(db, { layerIds: visible })).flatMap(
    ({ classId, under, slideId, areaPx, count }): Tallied[] => {
      const key = `${classId}/${under}`;
      const standing = resolved.get(key) ?? resolve(classId, under, history);
      resolved.set(key, standing);
      const slide = bySlide.get(slideId);
      if (standing.state === "archived" || slide === undefined) return [];
      const areaUm2 = slide.mpp === null ? null : areaPx * slide.mpp * slide.mpp;
      return [{ classId: standing.classId, areaUm2, slideId, caseId: slide.caseId, count }];
    },
  );
  const balance = tallyBalance(tallied, drawable);
  const byId = new Map(drawable.map((each) => [each.id, each]));
  const rows = balance.classes.map(({ classId, count, areaUm2, slides: on, cases, share, target }) => {
    const { name = classId, colour = "#888888" } = byId.get(classId) ?? {};
    return { classId, name, colour, count, areaUm2, slides: on, cases, share, targetShare: target };
  });
  return { rows, effectiveClasses: balance.byArea.effectiveClasses };
}

/** Tasks of the project, without those about layers that this person may not see. */
async function tasksIn(db: Db, projectId: ProjectId, visible: readonly LayerId[]): Promise<TaskRow[]> {
  const seen = new Set(visible);
  return (await allTasks(db, projectId)).filter((task) => task.layerId === null || seen.has(task.layerId));
}

type Known = {
  readonly tasks: readonly TaskRow[];
  readonly history: readonly GuidelineVersion[];
  readonly slides: readonly SlideRow[];
  readonly progress: Progress | null;
};

/** What this person can do next, the most pressing first. */
async function nextSteps(work: Work, member: Member, known: Known): Promise<NextStep[]> {
  const own = await ownSteps(work, member, known);
  return member.role === "lead"
    ? [...own, ...(await leadSteps(work, member, known))]
    : [...own, ...adjudicatorSteps(member, known)];
}

async function ownSteps({ db }: Pick<World, "db">, member: Member, known: Known): Promise<NextStep[]> {
  const base = `/projects/${member.projectId}`;
  const steps: NextStep[] = [];
  const tasks = known.tasks.filter((task) => task.assigneeId === member.personId && isAnswerable(task.state));
  if (tasks.length > 0) {
    const text = "The guideline or a lead asks you to look at outlines again.";
    steps.push({
      kind: "tasks",
      title: "Answer your tasks",
      text,
      href: `${base}/tasks?mine=1`,
      count: tasks.length,
      urgent: true,
    });
  }
  const reads = (await worklistFor(db, member)).filter((read) => read.state === "open");
  if (reads.length > 0) {
    const text = "Slides wait to be read by you, in your own order.";
    steps.push({
      kind: "reads",
      title: "Read your slides",
      text,
      href: `${base}/rounds`,
      count: reads.length,
      urgent: false,
    });
  }
  return steps;
}

function adjudicatorSteps(member: Member, { progress }: Known): NextStep[] {
  const base = `/projects/${member.projectId}`;
  if (member.role !== "adjudicator" || progress === null || progress.disputesUndecided === 0) return [];
  return [disputeStep(base, progress.disputesUndecided)];
}

function disputeStep(base: string, count: number): NextStep {
  const text = "The reads differ there and nobody has decided what is true.";
  return { kind: "disputes", title: "Decide disputes", text, href: `${base}/consensus`, count, urgent: false };
}

async function leadSteps(
  { db }: Pick<World, "db">,
  member: Member,
  { history, slides, progress, tasks }: Known,
): Promise<NextStep[]> {
  const base = `/projects/${member.projectId}`;
  const steps: NextStep[] = [];
  const add = (kind: string, title: string, text: string, page: string, count: number | null = null): void => {
    steps.push({ kind, title, text, href: `${base}/${page}`, count, urgent: false });
  };
  if (history.length === 0)
    add("guideline", "Write the guideline", "Classes must be defined before anybody can draw.", "guideline");
  if (slides.length === 0)
    add("slides", "Add slides", "Upload whole-slide images, or drop them in the data folder.", "slides");
  const unscaled = slides.filter((slide) => slide.mpp === null).length;
  if (unscaled > 0)
    add("mpp", "State the scale", "The files of these slides do not say how large a pixel is.", "slides", unscaled);
  const rounds = await wholeRounds(db, { projectId: member.projectId });
  if (rounds.length === 0 && slides.length > 0 && history.length > 0) {
    add("rounds", "Plan a round", "Choose slides, readers and whether they read blind.", "rounds");
  }
  const finished = rounds.filter((whole) => {
    const { round, reads } = whole;
    const isFinished = reads.every((read) => read.state === "submitted");
    const isBlinded = round.mode === "blind" && round.unblindedAt === null;
    return isBlinded && isFinished && can(member, "round.unblind", unblindSubject(whole, rounds));
  });
  if (finished.length > 0)
    add("unblind", "Unblind a finished round", "All its reads are submitted.", "rounds", finished.length);
  const review = tasks.filter((task) => task.state === "submitted" && task.assigneeId !== member.personId);
  if (review.length > 0)
    add("review", "Review submitted tasks", "Accept them, or return them with a reason.", "tasks", review.length);
  if (progress !== null && progress.tasksUnfinished > 0) {
    const text = `${progress.stale} outlines wait for an answer about the guideline.`;
    add("follow", "Follow the open tasks", text, "tasks", progress.tasksUnfinished);
  }
  if (progress !== null && progress.undecided > 0) {
    add(
      "undecided",
      "Decide what nobody could tell",
      "Outlines that annotators handed on to you.",
      "tasks",
      progress.undecided,
    );
  }
  if (progress !== null && progress.disputesUndecided > 0) steps.push(disputeStep(base, progress.disputesUndecided));
  return steps;
}
