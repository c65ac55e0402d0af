import { layerFacts } from "#db/access.ts";
import { type AnnotationRow, annotationOf, annotationRows } from "#db/annotations.ts";
import type { Db } from "#db/client.ts";
import { guidelineHistory } from "#db/guidelines.ts";
import { type OutlineAt, outlineKey } from "#db/outline-at.ts";
import { questionsAbout } from "#db/questions.ts";
import { type HandedOn, handedOn } from "#db/tray.ts";
import { geometryBbox } from "#domain/geometry.ts";
import type { GuidelineVersion } from "#domain/guideline.ts";
import type { PersonId } from "#domain/ids.ts";
import { saidNow } from "#domain/migration/said.ts";
import type { Staleness } from "#domain/migration.ts";
import { can, type Member } from "#domain/permissions.ts";
import type { TrayItem } from "#server/api/schemas/tasks.ts";
import { hiddenFrom } from "./hidden-names.ts";
import { NOBODY } from "./slides.ts";
import { standingsOf } from "./staleness.ts";
import { type Suggesting, suggesting } from "./suggesting.ts";
import { taskSubject } from "./task-subject.ts";
import { taskTitle } from "./task-title.ts";

/**
 * A page of what annotators could not tell and a lead has to decide, oldest first: computed from the answers that stand and
 * from where the outlines are now, so what was decided, changed or asked anew elsewhere is simply no longer there.
 * @param page.after the cursor of the page before
 */
export async function trayFor(
  db: Db,
  member: Member,
  page: { readonly after?: string | undefined; readonly limit: number },
): Promise<{ items: TrayItem[]; nextCursor: string | null }> {
  const { projectId } = member;
  const facts = await layerFacts(db, { projectId });
  const layers = new Map(facts.map(({ layerId, subject }) => [layerId, subject]));
  const history = await guidelineHistory(db, projectId);
  const items: TrayItem[] = [];
  let { after } = page;
  // One more than is shown, so that a full page knows at once whether another follows.
  const limit = page.limit + 1;
  // A cursor is only ever an answer that was shown.
  let last: string | null = null;
  for (;;) {
    const read = await handedOn(db, projectId, { after, limit });
    const seen = read.flatMap((answer): Handed[] => {
      const subject = taskSubject(answer.task, layers.get(answer.layerId) ?? null);
      return can(member, "task.assign", subject) ? [{ ...answer, hidden: hiddenFrom(member, subject) }] : [];
    });
    for (const { id, item } of await undecidedOf(db, seen, history)) {
      if (items.length === page.limit) return { items, nextCursor: last };
      items.push(item);
      last = id;
    }
    if (read.length < limit) return { items, nextCursor: null };
    after = read.at(-1)?.id;
  }
}

/** Those that are still to be decided, in their order; one set of statements, however many layers they are in. */
async function undecidedOf(
  db: Db,
  handed: readonly Handed[],
  history: readonly GuidelineVersion[],
): Promise<{ readonly id: string; readonly item: TrayItem }[]> {
  if (handed.length === 0) return [];
  const suggest = suggesting(history);
  const open = await undecidedIn(db, handed, history);
  const asked = await questionsAbout(
    db,
    [...open.values()].map(({ row }) => row),
  );
  return handed.flatMap((answer) => {
    const key = outlineKey(outlineOf(answer));
    const undecided = open.get(key);
    if (undecided === undefined) return [];
    return [{ id: answer.id, item: shown(answer, undecided, { history, suggest, questionId: asked.get(key) }) }];
  });
}

function outlineOf({ layerId, annotationId }: Handed): OutlineAt {
  return { layerId, id: annotationId };
}

type Handed = HandedOn & { readonly hidden: ReadonlySet<PersonId> };
type Shared = { readonly history: readonly GuidelineVersion[]; readonly suggest: Suggesting };
type Undecided = { readonly row: AnnotationRow; readonly standing: Staleness };

/** Outlines that are still there and undecided: by the staleness function, or in a rework task by the last answer. */
async function undecidedIn(
  db: Db,
  handed: readonly Handed[],
  history: readonly GuidelineVersion[],
): Promise<Map<string, Undecided>> {
  const rows = await annotationRows(db, { at: handed.map(outlineOf) });
  const standings = await standingsOf(db, rows, history);
  const ofRework = new Set(
    handed.filter(({ task }) => task.kind === "rework").map((each) => outlineKey(outlineOf(each))),
  );
  const found = new Map<string, Undecided>();
  for (const row of rows) {
    const key = outlineKey(row);
    const standing = standings.get(key);
    if (standing === undefined) continue;
    if (standing.state === "undecided" || ofRework.has(key)) found.set(key, { row, standing });
  }
  return found;
}

function shown(
  { task, annotationId, note, at, person, layerId, hidden, slideName }: Handed,
  { row, standing }: Undecided,
  { history, suggest, questionId }: Shared & { readonly questionId: string | undefined },
): TrayItem {
  const annotation = annotationOf(row);
  const { geometry } = annotation;
  const { minX, minY, maxX, maxY } = geometryBbox(geometry);
  const { scope } = task;
  const number = scope.kind === "migration" ? scope.version : null;
  return {
    taskId: task.id,
    taskTitle: taskTitle(task, history.find((each) => each.number === number) ?? null),
    kind: task.kind,
    slide: { id: task.slideId, name: slideName },
    layerId,
    annotationId,
    contentHash: row.contentHash,
    classId: standing.classId,
    under: row.under,
    bbox: [minX, minY, maxX, maxY],
    questions: standing.questions.map((question) => ({
      ...question,
      options: [...question.options],
      attribute: question.attribute && { ...question.attribute, values: [...question.attribute.values] },
    })),
    suggestion: suggest(standing.questions, annotation),
    attributes: saidNow(annotation, history),
    note,
    person: hidden.has(person.id) ? { ...NOBODY } : person,
    at: at.toISOString(),
    questionId: questionId ?? null,
  };
}
