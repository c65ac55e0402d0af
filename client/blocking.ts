import { blockingFindings, type FindingOf } from "#domain/findings.ts";
import { micronPerPx } from "#domain/units.ts";
import type { SlideSession } from "./slide-session.ts";

/** What would stop a submit of a layer by the guideline in force, as far as this page knows its outlines. */
export function blockingIn({ workbench, versions, slide }: SlideSession, layerId: string): FindingOf[] {
  const content = versions.at(-1)?.content;
  if (content === undefined) return [];
  const outlines = [...(workbench.scene.layer(layerId)?.shapes.values() ?? [])].flatMap(({ annotation }) => {
    const { classId, state } = workbench.standingOf(annotation);
    return state === "current" || state === "carried-over" ? [{ ...annotation, classId }] : [];
  });
  const mpp = slide.mpp === null ? null : micronPerPx(slide.mpp);
  return blockingFindings(outlines, { content, mpp, slide });
}
