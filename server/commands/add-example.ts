import { draftOf, lockProject, newestVersion, saveDraft } from "#db/guidelines.ts";
import { slideById } from "#db/slides.ts";
import type { ClassExample, GuidelineContent } from "#domain/guideline.ts";
import type { ClassId, PersonId, ProjectId } from "#domain/ids.ts";
import type { Member } from "#domain/permissions.ts";
import type { Draft } from "#server/api/schemas/guideline.ts";
import type { World } from "#server/api/world.ts";
import { AppError } from "#server/errors.ts";
import { toDraft } from "#server/queries/guideline.ts";
import { tellLeads } from "./discuss-draft.ts";

type Work = Pick<World, "db" | "events" | "now">;
type Tx = Work["db"];

/** As many as a class can have. */
const MOST_EXAMPLES = 50;

/**
 * Puts a picture of a place into the draft as an example or counter-example of a class, and starts the draft where there
 * is none. The same box of the same slide is there once, and says what was said last.
 * @throws AppError not-found, outline-off-slide, unknown-class, class-retired, no-guideline, too-many-examples
 */
export async function addExample(
  work: Work,
  { projectId, personId }: Member,
  { classId, ...picture }: Omit<ClassExample, "version"> & { readonly classId: ClassId },
): Promise<Draft> {
  const slide = await slideById(work.db, picture.slideId);
  if (slide === null || slide.projectId !== projectId) throw new AppError("not-found", { slideId: picture.slideId });
  const [minX, minY, maxX, maxY] = picture.box;
  const { width, height } = slide.meta;
  if (minX < 0 || minY < 0 || maxX > width || maxY > height) {
    throw new AppError("outline-off-slide", { box: picture.box, width, height });
  }
  const saved = await work.db.transaction(async (tx) => {
    await lockProject(tx, projectId);
    const { parent, revision, content, declarations } = await startedDraft(tx, projectId);
    const illustrated = withExample(content, classId, { ...picture, version: parent });
    await store(tx, { projectId, personId, parent, revision, content: illustrated, declarations, at: work.now() });
    const draft = await draftOf(tx, projectId);
    if (draft === null) throw new Error("a draft that was just saved is not there");
    return draft;
  });
  await tellLeads(work, projectId);
  return toDraft(saved);
}

async function startedDraft(tx: Tx, projectId: ProjectId) {
  const draft = await draftOf(tx, projectId);
  if (draft !== null) return draft;
  const newest = await newestVersion(tx, projectId);
  if (newest === null) throw new AppError("no-guideline", { projectId });
  return { parent: newest.number, revision: 0, content: newest.content, declarations: [] };
}

/** The project is held, so that nobody can have saved since the draft was read. */
async function store(tx: Tx, draft: Parameters<typeof saveDraft>[1] & { readonly personId: PersonId }): Promise<void> {
  if ((await saveDraft(tx, draft)) === null) throw new Error("a held draft was saved by somebody else");
}

function withExample(content: GuidelineContent, classId: ClassId, example: ClassExample): GuidelineContent {
  const definition = content.classes.find(({ id }) => id === classId);
  if (definition === undefined) throw new AppError("unknown-class", { classId });
  if (definition.retired) throw new AppError("class-retired", { classId });
  const isSame = (each: ClassExample) => each.slideId === example.slideId && each.box.join() === example.box.join();
  const examples = [...definition.examples.filter((each) => !isSame(each)), example];
  if (examples.length > MOST_EXAMPLES) throw new AppError("too-many-examples", { classId, most: MOST_EXAMPLES });
  const classes = content.classes.map((each) => (each.id === classId ? { ...each, examples } : each));
  return { ...content, classes };
}
