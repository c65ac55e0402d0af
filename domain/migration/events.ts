import { asks, redrawnShapes } from "#domain/guideline/outcomes.ts";
import type { GuidelineChange, Shape } from "#domain/guideline.ts";
import type { AttributeId, ClassId, ValueId } from "#domain/ids.ts";

/** The typed changes of every guideline version, in any order of versions. */
export type History = readonly { readonly number: number; readonly changes: readonly GuidelineChange[] }[];

/** What a change does to classes, or to the values of an attribute: the same few things. */
export type FoldEvent<Id> =
  | {
      readonly kind: "end";
      readonly ids: readonly Id[];
      readonly to: readonly Id[];
      readonly fallback: Id | null;
      /** True where a person has to look even if only one thing can follow. */
      readonly chosen: boolean;
    }
  | { readonly kind: "restore"; readonly id: Id }
  | {
      readonly kind: "ask";
      readonly ids: readonly Id[];
      /** What an asked one may rather be. */
      readonly offers: readonly Id[];
      readonly redraw: boolean;
      /** Only annotations drawn as one of these are asked; null asks all. */
      readonly shapes: readonly Shape[] | null;
    };

/** The events of one version, each with the change that it comes from and the place of that change. */
export type EventVersion<Id> = {
  readonly number: number;
  readonly events: readonly (FoldEvent<Id> & { readonly index: number; readonly change: GuidelineChange })[];
};

/** What happens to classes, oldest version first. */
export function classEvents(history: History): EventVersion<ClassId>[] {
  return eventsBy(history, classEvent);
}

/** What happens to the values of one attribute of one class, oldest version first. */
export function valueEvents(history: History, classId: ClassId, attributeId: AttributeId): EventVersion<ValueId>[] {
  return eventsBy(history, (change) =>
    "attributeId" in change && change.classId === classId && change.attributeId === attributeId
      ? valueEvent(change)
      : null,
  );
}

function eventsBy<Id>(history: History, read: (change: GuidelineChange) => FoldEvent<Id> | null): EventVersion<Id>[] {
  return history
    .toSorted((left, right) => left.number - right.number)
    .map(({ number, changes }) => ({
      number,
      events: changes.flatMap((change, index) => {
        const event = read(change);
        return event === null ? [] : [{ ...event, index, change }];
      }),
    }));
}

const LOOK = { kind: "ask", offers: [], redraw: false, shapes: null } as const;

function classEvent(change: GuidelineChange): FoldEvent<ClassId> | null {
  switch (change.kind) {
    case "merge": {
      const ids = change.from.filter((id) => id !== change.into);
      return { kind: "end", ids, to: [change.into], fallback: null, chosen: false };
    }
    case "split":
      return { kind: "end", ids: [change.classId], to: change.into, fallback: change.fallback, chosen: false };
    case "retire":
      return { kind: "end", ids: [change.classId], to: change.successors, fallback: null, chosen: false };
    case "abstract":
      return { kind: "end", ids: [change.classId], to: change.children, fallback: null, chosen: true };
    case "restore":
    case "concrete":
      return { kind: "restore", id: change.classId };
    default:
      return asks(change, "review") ? askEvent(change) : null;
  }
}

function askEvent(change: GuidelineChange): FoldEvent<ClassId> | null {
  switch (change.kind) {
    case "narrow":
    case "redefine":
      return { ...LOOK, ids: [change.classId] };
    case "broaden":
      return { ...LOOK, ids: change.neighbours, offers: [change.classId] };
    case "boundary":
      return { ...LOOK, ids: [change.classId], redraw: true };
    case "geometry": {
      const shapes = redrawnShapes(change);
      return shapes.length === 0 ? null : { ...LOOK, ids: [change.classId], redraw: true, shapes };
    }
    default:
      return null;
  }
}

function valueEvent(change: GuidelineChange): FoldEvent<ValueId> | null {
  switch (change.kind) {
    case "value-merge": {
      const ids = change.from.filter((id) => id !== change.into);
      return { kind: "end", ids, to: [change.into], fallback: null, chosen: false };
    }
    case "value-split":
      return { kind: "end", ids: [change.value], to: change.into, fallback: change.fallback, chosen: false };
    case "value-retire":
      return { kind: "end", ids: [change.value], to: change.successors, fallback: null, chosen: false };
    case "value-restore":
      return { kind: "restore", id: change.value };
    case "value-add": {
      const asked = change.neighbours.length > 0 && asks(change, "review");
      return asked ? { ...LOOK, ids: change.neighbours, offers: [change.value] } : null;
    }
    default:
      return null;
  }
}
