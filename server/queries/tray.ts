import { layerFacts } from "#db/access.ts";
import { type AnnotationRow, annotationOf, annotationRows } from "#db/annotations.ts";
import type { Db } from "#db/client.ts";
import { guidelineHistory } from "#db/guidelines.ts";
import { questionsAbout } from "#db/questions.ts";
import { lastAnswers, type TrayAnswer } from "#db/tasks.ts";
import { geometryBbox } from "#domain/geometry.ts";
import type { GuidelineVersion } from "#domain/guideline.ts";
import type { AnnotationId, LayerId, PersonId } from "#domain/ids.ts";
import type { Staleness } from "#domain/migration.ts";
import { can, type Member } from "#domain/permissions.ts";
import type { TrayItem } from "#server/api/schemas/tasks.ts";
import { hiddenFrom } from "./hidden-names.ts";
import { NOBODY } from "./slides.ts";
import { standingsIn } from "./staleness.ts";
import { type Suggesting, suggesting } from "./suggesting.ts";
import { taskSubject } from "./task-subject.ts";
import { taskTitle } from "./task-title.ts";

/**
 * What annotators could not tell and a lead has to decide, oldest first: computed from the answers that stand and from
 * where the outlines are now, so what was decided, changed or asked anew elsewhere is simply no longer there.
 */
export async function trayFor(db: Db, member: Member): Promise<TrayItem[]> {
  const { projectId } = member;
  const facts = await layerFacts(db, { projectId });
  const layers = new Map(facts.map(({ layerId, subject }) => [layerId, subject]));
  const history = await guidelineHistory(db, projectId);
  const handed = (await lastAnswers(db, projectId, "cannot-tell")).flatMap((answer) => {
    const { task } = answer;
    const { layerId } = task;
    if (layerId === null) return [];
    const subject = taskSubject(task, layers.get(layerId) ?? null);
    const seen: Handed = { ...answer, layerId, hidden: hiddenFrom(member, subject) };
    return can(member, "task.assign", subject) ? [seen] : [];
  });
  const suggest = suggesting(history);
  const items: TrayItem[] = [];
  for (const layerId of new Set(handed.map((each) => each.layerId))) {
    const ofLayer = handed.filter((each) => each.layerId === layerId);
    const open = await undecidedIn(db, layerId, ofLayer, history);
    const asked = await questionsAbout(
      db,
      layerId,
      ofLayer.map(({ annotationId }) => annotationId),
    );
    for (const answer of ofLayer) {
      const found = open.get(answer.annotationId);
      if (found !== undefined)
        items.push(shown(answer, found, { history, suggest, questionId: asked.get(answer.annotationId) }));
    }
  }
  return items.sort((a, b) => a.at.localeCompare(b.at) || (a.annotationId < b.annotationId ? -1 : 1));
}

type Handed = TrayAnswer & { readonly layerId: LayerId; readonly hidden: ReadonlySet<PersonId> };
type Shared = { readonly history: readonly GuidelineVersion[]; readonly suggest: Suggesting };
type Undecided = { readonly row: AnnotationRow; readonly standing: Staleness };

/** Outlines that are still there and undecided: by the staleness function, or in a rework task by the last answer. */
async function undecidedIn(
  db: Db,
  layerId: LayerId,
  handed: readonly Handed[],
  history: readonly GuidelineVersion[],
): Promise<Map<AnnotationId, Undecided>> {
  const ids = handed.map(({ annotationId }) => annotationId);
  const rows = await annotationRows(db, { layerIds: [layerId], ids });
  const standings = await standingsIn(db, layerId, rows, history);
  const ofRework = new Set(handed.filter(({ task }) => task.kind === "rework").map((each) => each.annotationId));
  const found = new Map<AnnotationId, Undecided>();
  for (const row of rows) {
    const standing = standings.get(row.id);
    if (standing === undefined) continue;
    if (standing.state === "undecided" || ofRework.has(row.id)) found.set(row.id, { row, standing });
  }
  return found;
}

function shown(
  { task, annotationId, note, at, person, layerId, hidden, slideName }: Handed,
  { row, standing }: Undecided,
  { history, suggest, questionId }: Shared & { readonly questionId: string | undefined },
): TrayItem {
  const annotation = annotationOf(row);
  const { geometry, attributes } = annotation;
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
    attributes,
    note,
    person: hidden.has(person.id) ? { ...NOBODY } : person,
    at: at.toISOString(),
    questionId: questionId ?? null,
  };
}
