import { outcomesOf } from "./guideline/outcomes.ts";
import {
  type ClassDefinition,
  type GuidelineChange,
  type GuidelineContent,
  isDrawable,
  type StudyRules,
} from "./guideline.ts";
import type { AnnotationId, ClassId, LayerId, PersonId, SlideId } from "./ids.ts";
import { type Fold, foldHistory, type History, type Question } from "./migration-fold.ts";
import { ok, type Result, refuse } from "./result.ts";
import type { Answer } from "./task.ts";

export type { History, Question } from "./migration-fold.ts";

export type Resolution = {
  readonly state: "current" | "carried-over" | "stale" | "archived";
  /** The class that counts now. While a choice is open, and once archived, the last class that it certainly had. */
  readonly classId: ClassId;
  /** The stored class where it is another. */
  readonly former: ClassId | null;
  readonly questions: readonly Question[];
};

/**
 * What has become of a class under which something was outlined.
 * Depends on the class, the stamp and the history alone, so one answer holds for every annotation that shares them.
 * Changes within one version do not see each other. A restore undoes every earlier merge, split and retirement of its
 * class. A class that had already ended at its stamp (an outline redrawn before its choice was made) is followed from there.
 * @param stamp guideline version at the last change of class or geometry
 */
export function resolve(classId: ClassId, stamp: number, history: History): Resolution {
  return resolutionOf(foldHistory(classId, stamp, stamp, history));
}

/** A person's word on an annotation, bound to the content that was seen. */
export type Judgement = {
  readonly annotationId: AnnotationId;
  readonly verdict: "keep" | "cannot-tell";
  readonly contentHash: string;
  /** Guideline version that it was given under. */
  readonly version: number;
};

export type Staleness = Omit<Resolution, "state"> & {
  /** Undecided: stale, but its annotator has said "cannot tell" and the lead decides. It still blocks a release. */
  readonly state: Resolution["state"] | "undecided";
};

/**
 * Where one annotation stands, with what people have said about it.
 * A keep answers the reviews up to its version and never a choice; both count only for the content that was judged. One
 * that answered nothing is no answer to what was not asked then: a review that a later restore brings back is asked.
 */
export function staleness(
  annotation: { readonly id: AnnotationId; readonly classId: ClassId; readonly under: number },
  judgements: readonly Judgement[],
  contentHash: string,
  history: History,
): Staleness {
  const valid = judgements.filter((each) => each.annotationId === annotation.id && each.contentHash === contentHash);
  const settled = confirmedBy(valid, annotation, history);
  const resolution = resolutionOf(foldHistory(annotation.classId, annotation.under, settled, history));
  const handedOn = lastVersion(valid, "cannot-tell");
  const asked = resolution.questions.reduce((version, each) => Math.max(version, each.version), 0);
  return resolution.state === "stale" && handedOn >= asked ? { ...resolution, state: "undecided" } : resolution;
}

export type AnswerReason = "nothing-to-answer" | "choice-needed" | "unknown-class" | "class-retired";

/** Whether an answer fits what is asked of an annotation; a choice may be any class that can be drawn. */
export function checkAnswer(
  standing: Pick<Staleness, "questions">,
  answer: Answer,
  content: GuidelineContent,
): Result<undefined, AnswerReason> {
  if (standing.questions.length === 0) return refuse("nothing-to-answer");
  const choice = standing.questions.find((each) => each.kind === "choose");
  if (answer.verdict === "keep" && choice !== undefined) return refuse("choice-needed", { options: choice.options });
  if (answer.verdict !== "choose") return ok();
  const chosen = classesAt(content).byId.get(answer.classId);
  if (chosen === undefined) return refuse("unknown-class", { classId: answer.classId });
  return chosen.retired ? refuse("class-retired", { classId: answer.classId }) : ok();
}

/** Annotations that share everything a resolution depends on. */
export type AnnotationGroup = {
  readonly classId: ClassId;
  readonly stamp: number;
  /** Newest version under which a keep of the present content was given; absent or 0 for none. */
  readonly settled?: number;
  readonly personId: PersonId;
  readonly slideId: SlideId;
  readonly layerId: LayerId;
  readonly count: number;
};

export type Outcome = "automatic" | "review" | "choose" | "archive";

export type PreviewRow = {
  /** Position of the change in the draft. */
  readonly change: number;
  readonly kind: GuidelineChange["kind"];
  /** The class that counted before the draft. */
  readonly classId: ClassId;
  readonly personId: PersonId;
  readonly slideId: SlideId;
  readonly layerId: LayerId;
  readonly count: number;
  readonly outcome: Outcome;
};

export type Preview = {
  /** What each change does to whom; an annotation that two changes touch is in two rows. */
  readonly rows: readonly PreviewRow[];
  /** Each annotation once, under the heaviest thing that the draft does to it. */
  readonly totals: Readonly<Record<Outcome | "untouched" | "all", number>>;
  /** Annotations with open questions, before and after publishing. */
  readonly staleBefore: number;
  readonly staleAfter: number;
};

/**
 * What publishing a draft would do, counted over groups of annotations; nothing is written.
 * @param draftNumber the number that the draft would get
 * @returns rows by change, slide, layer, person and class
 */
export function previewCounts(
  grouped: readonly AnnotationGroup[],
  history: History,
  draftChanges: readonly GuidelineChange[],
  draftNumber: number,
): Preview {
  const published: History = [...history, { number: draftNumber, changes: draftChanges }];
  const rows = new Map<string, PreviewRow>();
  const totals = { automatic: 0, review: 0, choose: 0, archive: 0, untouched: 0, all: 0 };
  const preview = { staleBefore: 0, staleAfter: 0 };
  for (const group of grouped) {
    const settled = Math.max(group.stamp, group.settled ?? 0);
    const before = resolutionOf(foldHistory(group.classId, group.stamp, settled, history));
    const after = foldHistory(group.classId, group.stamp, settled, published);
    const effects = after.effects.filter((each) => each.version === draftNumber);
    for (const { index, outcome } of effects) {
      addRow(rows, { change: index, kind: kindAt(draftChanges, index), classId: before.classId, outcome }, group);
    }
    const heaviest = HEAVIEST.find((outcome) => effects.some((each) => each.outcome === outcome));
    totals[heaviest ?? "untouched"] += group.count;
    totals.all += group.count;
    if (before.state === "stale") preview.staleBefore += group.count;
    if (resolutionOf(after).state === "stale") preview.staleAfter += group.count;
  }
  return { rows: [...rows.entries()].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, row]) => row), totals, ...preview };
}

/**
 * Classes that finished slides have to be looked through for again: one that was added where reading is exhaustive, was
 * broadened or redefined, or came back; what stands beside one that left a gap; all of them where reading becomes stricter.
 * The parts of a split and the new class of a merge hold nothing that was not outlined before.
 * @param selectable classes of the new version
 */
export function rescreens(
  changes: readonly GuidelineChange[],
  rules: Pick<StudyRules, "exhaustive">,
  selectable: readonly ClassId[] = [],
): ClassId[] {
  const known = new Set(changes.flatMap(drawnBefore));
  const asked = changes.filter((change) => outcomesOf(change, rules).includes("re-screen"));
  const found = asked.flatMap((change): readonly ClassId[] => {
    if (change.kind === "screening") return selectable;
    if (change.kind === "retire") return change.lookFor ?? [];
    return "classId" in change && !(change.kind === "add" && known.has(change.classId)) ? [change.classId] : [];
  });
  // Versions from before screening rules were a change of their own.
  const exhaustive = changes.some((change) => change.kind === "rules" && change.what.includes("exhaustive"));
  return [...new Set([...found, ...(exhaustive && rules.exhaustive ? selectable : [])])].sort();
}

/** Classes whose existing annotations a set of changes carries over, questions, archives or brings back; sorted. */
export function affectedClasses(changes: readonly GuidelineChange[]): ClassId[] {
  const affected = changes.flatMap((change): readonly ClassId[] => {
    switch (change.kind) {
      case "merge":
        return change.from;
      case "broaden":
        return change.neighbours;
      case "narrow":
      case "split":
      case "retire":
      case "restore":
        return [change.classId];
      default:
        return [];
    }
  });
  return [...new Set(affected)].sort();
}

export type ClassesAt = {
  /** Classes that can be drawn, in the order of the guideline. */
  readonly selectable: readonly ClassDefinition[];
  readonly byId: ReadonlyMap<ClassId, ClassDefinition>;
  /** The name to show for a class, also a retired one; the id itself for a class of another guideline. */
  readonly effectiveName: (classId: ClassId) => string;
};

export function classesAt(content: GuidelineContent): ClassesAt {
  const byId = new Map(content.classes.map((each) => [each.id, each]));
  return {
    selectable: content.classes.filter(isDrawable),
    byId,
    effectiveName: (classId) => byId.get(classId)?.name ?? classId,
  };
}

/** New classes whose members were outlined before, under another class. */
function drawnBefore(change: GuidelineChange): readonly ClassId[] {
  return change.kind === "split" || change.kind === "merge" ? [change.into].flat() : [];
}

const HEAVIEST: readonly Outcome[] = ["choose", "review", "archive", "automatic"];

/** Newest version under which the annotation was kept when something was asked of it; 0 for none. */
function confirmedBy(
  judgements: readonly Judgement[],
  { classId, under }: { readonly classId: ClassId; readonly under: number },
  history: History,
): number {
  const keeps = judgements.filter((each) => each.verdict === "keep").map((each) => each.version);
  return keeps
    .sort((left, right) => left - right)
    .reduce((settled, version) => {
      const then = history.filter((each) => each.number <= version);
      return foldHistory(classId, under, settled, then).questions.length > 0 ? version : settled;
    }, 0);
}

function lastVersion(judgements: readonly Judgement[], verdict: Judgement["verdict"]): number {
  return judgements.reduce((last, each) => (each.verdict === verdict ? Math.max(last, each.version) : last), 0);
}

function resolutionOf({ stored, classId, archived, questions }: Fold): Resolution {
  const former = classId === stored ? null : stored;
  if (archived) return { state: "archived", classId, former, questions };
  if (questions.length > 0) return { state: "stale", classId, former, questions };
  return { state: former === null ? "current" : "carried-over", classId, former, questions };
}

function kindAt(changes: readonly GuidelineChange[], index: number): GuidelineChange["kind"] {
  const change = changes[index];
  if (change === undefined) throw new Error(`a draft has no change ${index}`);
  return change.kind;
}

function addRow(
  rows: Map<string, PreviewRow>,
  row: Pick<PreviewRow, "change" | "kind" | "classId" | "outcome">,
  { personId, slideId, layerId, count }: AnnotationGroup,
): void {
  const order = String(row.change).padStart(6, "0");
  const key = [order, slideId, layerId, personId, row.classId, row.outcome].join(" ");
  rows.set(key, { ...row, personId, slideId, layerId, count: (rows.get(key)?.count ?? 0) + count });
}
