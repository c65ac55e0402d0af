import type { Db } from "#db/client.ts";
import { guidelineHistory } from "#db/guidelines.ts";
import { type LayerName, layerNames } from "#db/layer-names.ts";
import type { TaskCard } from "#db/tasks.ts";
import type { GuidelineVersion } from "#domain/guideline.ts";
import type { LayerId, PersonId } from "#domain/ids.ts";
import type { LayerSubject, Member } from "#domain/permissions.ts";
import type { PersonRef } from "#server/api/schemas/common.ts";
import type { Task } from "#server/api/schemas/tasks.ts";
import { hiddenFrom } from "./hidden-names.ts";
import { NOBODY, nameOf } from "./slides.ts";
import { countsOf, NO_PARTS, type TaskCount } from "./task-counts.ts";
import { hoursOf, type Pace, paceFor } from "./task-hours.ts";
import { taskSubject } from "./task-subject.ts";
import { taskTitle } from "./task-title.ts";

const NOTHING: TaskCount = { left: 0, total: 0, undecided: 0, ...NO_PARTS };

/**
 * Tasks of one project as a member sees them. An adjudicator who must not know whose read a task is about is not told its
 * assignee, its author or the reader's name in the layer's.
 * @param layers what permissions need to know about the layers of these tasks
 */
export async function shownTasks(
  db: Db,
  member: Member,
  cards: readonly TaskCard[],
  layers: ReadonlyMap<LayerId, LayerSubject>,
): Promise<Task[]> {
  if (cards.length === 0) return [];
  const history = await guidelineHistory(db, member.projectId);
  const counts = await countsOf(db, cards, history);
  const names = await layerNames(db, [...new Set(cards.flatMap(({ layerId }) => layerId ?? []))]);
  const pace = await paceFor(db, member);
  return cards.map((card) => {
    const layer = card.layerId === null ? null : (layers.get(card.layerId) ?? null);
    const hidden = hiddenFrom(member, taskSubject(card, layer));
    const known = card.layerId === null ? undefined : names.get(card.layerId);
    return shownTask(card, { count: counts.get(card.id) ?? NOTHING, history, known, hidden, pace });
  });
}

type Shown = {
  readonly count: TaskCount;
  readonly history: readonly GuidelineVersion[];
  readonly known: LayerName | undefined;
  readonly hidden: ReadonlySet<PersonId>;
  readonly pace: Pace;
};

function shownTask(card: TaskCard, { count, history, known, hidden, pace }: Shown): Task {
  const { scope } = card;
  const number = "version" in scope ? scope.version : null;
  const version = history.find((each) => each.number === number) ?? null;
  const named = (person: PersonRef & { readonly id: PersonId }): PersonRef =>
    hidden.has(person.id) ? { ...NOBODY } : person;
  return {
    id: card.id,
    kind: card.kind,
    state: card.state,
    title: taskTitle(card, version),
    text: card.text,
    reason: card.reason,
    slide: { id: card.slideId, name: card.slideName },
    layerId: card.layerId,
    layerName: known === undefined ? null : nameOf(hidden.size === 0 ? known : anonymous(known)),
    assignee: named(card.assignee),
    createdBy: card.creator === null ? null : named(card.creator),
    guidelineNumber: number,
    priority: card.priority,
    position: card.position,
    dueAt: card.dueAt?.toISOString() ?? null,
    left: count.left,
    total: count.total,
    undecided: count.undecided,
    hoursLeft: hoursOf(card.kind, count.left, pace),
    classIds: [...count.leftByClass.keys()].sort(),
    revision: card.revision,
    createdAt: card.createdAt.toISOString(),
    updatedAt: card.updatedAt.toISOString(),
  };
}

function anonymous(known: LayerName): LayerName {
  return { ...known, reader: known.reader === null ? null : { ...NOBODY } };
}
