import type { GuidelineChange } from "#domain/guideline.ts";
import type { ClassId, LayerId, PersonId, SlideId } from "#domain/ids.ts";
import { type AnnotationFacts, followFacts, settledBy, stateOf, type Verdicts } from "#domain/migration.ts";
import type { Effect } from "#domain/migration-fold.ts";
import type { History } from "./events.ts";
import { type Violation, violationsKey } from "./limits.ts";

/** Annotations that share everything a resolution depends on. */
export type AnnotationGroup = {
  readonly classId: ClassId;
  readonly stamp: number;
  readonly shape?: AnnotationFacts["shape"];
  readonly attributes?: AnnotationFacts["attributes"];
  /** Rules violated by those in force, and by those of the draft. */
  readonly violations?: { readonly before: readonly Violation[]; readonly after: readonly Violation[] };
  /** What was said about the present content; absent where nothing was. */
  readonly verdicts?: Verdicts;
  readonly personId: PersonId;
  readonly slideId: SlideId;
  readonly layerId: LayerId;
  readonly count: number;
};

export type Outcome = Effect["outcome"];

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
  /** How many annotations of each layer the draft asks about, each once. */
  readonly asked: ReadonlyMap<LayerId, number>;
};

const SAID_NOTHING: Verdicts = { keeps: [], handedOn: 0 };
const HEAVIEST: readonly Outcome[] = ["choose", "review", "archive", "automatic"];

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
  const asked = new Map<LayerId, number>();
  const followed = remembered(history, published);
  for (const group of grouped) {
    const { before, after } = followed(group);
    const effects = after.effects.filter((each) => each.version === draftNumber);
    for (const { index, outcome } of effects) {
      addRow(rows, { change: index, kind: kindAt(draftChanges, index), classId: before.classId, outcome }, group);
    }
    const heaviest = HEAVIEST.find((outcome) => effects.some((each) => each.outcome === outcome));
    totals[heaviest ?? "untouched"] += group.count;
    if (heaviest === "review" || heaviest === "choose") {
      asked.set(group.layerId, (asked.get(group.layerId) ?? 0) + group.count);
    }
    totals.all += group.count;
    if (stateOf(before) === "stale") preview.staleBefore += group.count;
    if (stateOf(after) === "stale") preview.staleAfter += group.count;
  }
  const sorted = [...rows.entries()].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, row]) => row);
  return { rows: sorted, totals, ...preview, asked };
}

type Pair = Readonly<Record<"before" | "after", ReturnType<typeof followFacts>>>;

/** Groups differ mostly in whose and where they are: what decides is followed once for each. */
function remembered(history: History, published: History): (group: AnnotationGroup) => Pair {
  const known = new Map<string, Pair>();
  return (group) => {
    const { classId, stamp, shape = "polygon", attributes = {}, violations, verdicts = SAID_NOTHING } = group;
    const violated = [violationsKey(violations?.before ?? []), violationsKey(violations?.after ?? [])];
    const key = JSON.stringify([classId, stamp, shape, attributes, violated, verdicts]);
    const found = known.get(key);
    if (found !== undefined) return found;
    const follow = (broken: readonly Violation[], versions: History) => {
      const facts = { classId, under: stamp, shape, attributes, violations: broken };
      return followFacts(facts, settledBy(verdicts.keeps, facts, versions), versions);
    };
    const pair = {
      before: follow(violations?.before ?? [], history),
      after: follow(violations?.after ?? [], published),
    };
    known.set(key, pair);
    return pair;
  };
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
