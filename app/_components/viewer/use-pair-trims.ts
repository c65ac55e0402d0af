import { useEffect, useMemo, useState } from "react";
import type { TaskItem } from "#client/answers.ts";
import { OutlineOverlay, type OverlayShape } from "#client/outline-overlay.ts";
import { type PairTrim, pairTrim } from "#client/outline-pair.ts";
import type { SlideSession } from "#client/slide-session.ts";
import type { Beside } from "#client/task-walk.ts";
import { areaText } from "#client/tools/outline.ts";
import type { Geometry } from "#domain/annotation.ts";
import { geometryArea, polygonsArea } from "#domain/geometry.ts";
import { annotationId } from "#domain/ids.ts";
import type { Answer } from "#domain/task.ts";
import { useVisit } from "./session.tsx";
import { useKeys } from "./use-keys.ts";
import type { TaskWalk } from "./use-task.ts";

type Give = (answer: Answer, beside: Beside) => void;
/** One of the two ways to trim. */
type Trim = { readonly give: (() => void) | null; readonly hint: string };
export type PairTrims = {
  readonly item: Trim;
  readonly others: Trim;
  /** Shows what would be left of the one, or of the others. */
  readonly point: (at: "item" | "others" | null) => void;
};

const CUT = "#d63b3b";

/**
 * The outlines of a pair shown in their colours with what they share, and both ways to take that off. Null for an item that
 * is in no pair. @param give null where the item cannot be answered
 */
export function usePairTrims(walk: TaskWalk, item: TaskItem, give: Give | null): PairTrims | null {
  const { session } = useVisit();
  const [pointed, setPointed] = useState<"item" | "others" | null>(null);
  const layerId = walk.detail?.task.layerId ?? "";
  const now = useMemo(() => presentOthers(session, layerId, item), [session, layerId, item]);
  const trim = useMemo(() => pairTrim(item.geometry, now), [item, now]);
  useOverlay(session, item, { now, trim, pointed });
  const trims = item.pairs.length === 0 ? null : waysOf({ session, layerId, item, trim, give });
  useKeys((event) => {
    const isOther = event.ctrlKey || event.metaKey || event.altKey || event.key.toLowerCase() !== "t";
    if (trims === null || isOther) return false;
    const way = event.shiftKey ? trims.others : trims.item;
    if (way.give === null) session.workbench.store.setState({ message: { text: way.hint } });
    way.give?.();
    return true;
  });
  return trims === null ? null : { ...trims, point: setPointed };
}

function waysOf(of: {
  readonly session: SlideSession;
  readonly layerId: string;
  readonly item: TaskItem;
  readonly trim: PairTrim;
  readonly give: Give | null;
}): Pick<PairTrims, "item" | "others"> {
  const { session, layerId, item, trim, give } = of;
  const { mpp } = session.slide;
  const off = areaText(polygonsArea(trim.cut), mpp);
  const leaves = (geometries: readonly Geometry[]) =>
    `takes off ${off}, leaves ${geometries.map((each) => areaText(geometryArea(each), mpp)).join(" and ")}`;
  const mayTrim = item.pairs.every((pair) => pair.mayTrim);
  const trimItem = () => {
    // The others may have been changed since they were shown: they are taken as they are now.
    const { item: geometry } = pairTrim(item.geometry, presentOthers(session, layerId, item));
    if (geometry !== null) give?.({ verdict: "keep" }, { geometry });
  };
  const trimOthers = () => {
    const trims = item.pairs.map(({ annotationId: id, contentHash }) => ({ annotationId: id, contentHash }));
    give?.({ verdict: "keep" }, { trims });
  };
  return {
    item: {
      give: give === null || trim.item === null ? null : trimItem,
      hint: trim.item === null ? emptyText(trim) : leaves([trim.item]),
    },
    others: {
      give: give === null || trim.others === null || !mayTrim ? null : trimOthers,
      hint: !mayTrim
        ? "It is in a read that is not yours."
        : trim.others === null
          ? emptyText(trim)
          : leaves(trim.others),
    },
  };
}

function emptyText({ cut }: PairTrim): string {
  return cut.length === 0 ? "They share no area that could be taken off." : "Nothing of it would be left.";
}

/** The others as they are drawn at this moment; those that are still to come as the API said. */
function presentOthers(session: SlideSession, layerId: string, item: TaskItem): readonly Geometry[] {
  const shapes = session.workbench.scene.layer(layerId)?.shapes;
  return item.pairs.map(
    ({ annotationId: id, geometry }) => shapes?.get(annotationId.parse(id))?.annotation.geometry ?? geometry,
  );
}

type Shown = {
  readonly now: readonly Geometry[];
  readonly trim: PairTrim;
  readonly pointed: "item" | "others" | null;
};

function useOverlay(session: SlideSession, item: TaskItem, { now, trim, pointed }: Shown): void {
  const [overlay, setOverlay] = useState<OutlineOverlay | null>(null);
  const isPair = item.pairs.length > 0;
  useEffect(() => {
    if (!isPair) return undefined;
    const opened = new OutlineOverlay(session.workbench.view);
    setOverlay(opened);
    return () => {
      opened.close();
      setOverlay(null);
    };
  }, [session, isPair]);
  useEffect(() => {
    const { byId } = session.workbench.guideline;
    const colourOf = (classId: string) => byId.get(classId)?.colour ?? "#8b93a1";
    const others = item.pairs.flatMap(({ classId }, at): readonly OverlayShape[] => {
      const left = pointed === "others" ? trim.others?.[at] : undefined;
      return shapeOf(now[at], left, colourOf(classId));
    });
    const own = shapeOf(item.geometry, pointed === "item" ? trim.item : undefined, colourOf(item.classId));
    overlay?.show([{ look: "cut", shape: trim.cut, colour: CUT }, ...others, ...own]);
  }, [session, overlay, item, now, trim, pointed]);
}

/** An outline as it is, or where it would be trimmed what would be left of it. */
function shapeOf(
  geometry: Geometry | undefined,
  left: Geometry | null | undefined,
  colour: string,
): readonly OverlayShape[] {
  if (left != null) return [{ look: "proposed", shape: left, colour }];
  return geometry === undefined ? [] : [{ look: "meant", shape: geometry, colour }];
}
