import type { Annotation } from "./annotation.ts";
import { geometryOnGrid } from "./annotation.ts";
import type { AnnotationId } from "./ids.ts";
import type { LayerDoc } from "./layer-doc.ts";

/** What somebody did to an annotation of a document that others have meanwhile left for a fresh one. */
export type LateChange = {
  readonly id: AnnotationId;
  /** As the document ended without this work; null where there was none. */
  readonly before: Annotation | null;
  /** As it ends with it. */
  readonly after: Annotation | null;
  /** The shape was put in the place of the old one, as by a move; otherwise it is an edit of its area. */
  readonly replaced: boolean;
};

/**
 * Does to a layer as it is what was done to the document that it was begun anew from. Each annotation is found by its id,
 * and what others did to it since stays, as if both had worked at the same time: areas of a shape are merged, class,
 * attributes and note are taken one by one, a deletion wins over a change of class, a new shape wins over a deletion.
 * @throws LayerDocError for a field that is out of its bounds
 */
export function carryOver(layerDoc: LayerDoc, changes: readonly LateChange[]): void {
  layerDoc.transact(() => {
    for (const change of changes) carryOne(layerDoc, change);
  }, "journal");
}

function carryOne(layerDoc: LayerDoc, change: LateChange): void {
  const { id, before, after } = change;
  const now = layerDoc.get(id);
  if (after === null) {
    // Whoever changed its shape since wants it there.
    if (before !== null && now !== null && sameShape(before, now)) layerDoc.remove(id, { origin: "journal" });
  } else if (now !== null) carryChange(layerDoc, now, change, after);
  else if (before === null || !sameShape(before, after)) layerDoc.put(after, { origin: "journal" });
}

function carryChange(layerDoc: LayerDoc, now: Annotation, { before, replaced }: LateChange, after: Annotation): void {
  const origin = "journal";
  const from = before ?? after;
  const { id, under } = after;
  if (!sameShape(from, after)) {
    const whole = replaced || sameShape(from, now);
    if (whole) layerDoc.put({ ...now, geometry: after.geometry, under }, { origin });
    else layerDoc.reshape(id, { from: from.geometry, to: after.geometry, under }, { origin });
  }
  const shaped = layerDoc.get(id) ?? now;
  const reclassed = after.classId !== from.classId;
  layerDoc.put(
    {
      ...shaped,
      classId: reclassed ? after.classId : shaped.classId,
      under: reclassed ? under : shaped.under,
      attributes: carriedAttributes(from.attributes, after.attributes, shaped.attributes),
      note: after.note === from.note ? shaped.note : after.note,
    },
    { origin },
  );
}

type Attributes = Annotation["attributes"];

function carriedAttributes(from: Attributes, to: Attributes, now: Attributes): Attributes {
  const carried = new Map(Object.entries(now));
  for (const name of new Set([...Object.keys(from), ...Object.keys(to)])) {
    const value = to[name];
    if (value === from[name]) continue;
    if (value === undefined) carried.delete(name);
    else carried.set(name, value);
  }
  return Object.fromEntries(carried);
}

function sameShape(a: Annotation, b: Annotation): boolean {
  return JSON.stringify(geometryOnGrid(a.geometry)) === JSON.stringify(geometryOnGrid(b.geometry));
}
