import { and, eq, inArray, isNull, lte, ne, or, sql } from "drizzle-orm";
import { alias } from "drizzle-orm/pg-core";
import type { LayerId, PersonId, ProjectId, SlideId } from "#domain/ids.ts";
import type { LayerSubject, Member, Role } from "#domain/permissions.ts";
import type { Db } from "./client.ts";
import { layers, members, roundReaders, rounds } from "./schema.ts";
import { run, type Statement } from "./statement.ts";

/** A person's membership, or null for a stranger and for a project that does not exist. */
export async function memberOf(db: Db, personId: PersonId, projectId: ProjectId): Promise<Member | null> {
  const [row] = await db
    .select({ role: members.role })
    .from(members)
    .where(and(eq(members.projectId, projectId), eq(members.personId, personId)));
  return row === undefined ? null : { personId, projectId, role: row.role };
}

/**
 * Readers of blind reads on these slides whose round is not unblinded yet, by slide. Asked of the reads themselves: a hidden
 * repeat is one reader's, on a slide that the others of the round do not read.
 */
export async function blindReaders(db: Db, slideIds: readonly SlideId[]): Promise<Map<SlideId, PersonId[]>> {
  const bySlide = new Map<SlideId, PersonId[]>();
  if (slideIds.length === 0) return bySlide;
  const rows = await db
    .selectDistinct({ slideId: layers.slideId, personId: layers.readerId })
    .from(layers)
    .innerJoin(rounds, eq(rounds.id, layers.roundId))
    .where(and(inArray(layers.slideId, [...slideIds]), eq(rounds.mode, "blind"), isNull(rounds.unblindedAt)))
    .orderBy(layers.slideId, layers.readerId);
  for (const { slideId, personId } of rows) {
    if (personId !== null) bySlide.set(slideId, [...(bySlide.get(slideId) ?? []), personId]);
  }
  return bySlide;
}

/**
 * Reads that are kept from their own readers for now: older than a read of the same slide in which the same person says
 * again what they see. A hidden repeat hides them until its round is unblinded, a bridge read until it is handed in.
 */
async function repeatedReads(db: Db, slideIds: readonly SlideId[]): Promise<ReadonlySet<LayerId>> {
  if (slideIds.length === 0) return new Set();
  const again = alias(layers, "again");
  const rows = await db
    .select({ id: layers.id })
    .from(layers)
    .innerJoin(again, and(eq(again.slideId, layers.slideId), eq(again.readerId, layers.readerId)))
    .innerJoin(rounds, eq(rounds.id, again.roundId))
    .where(
      and(
        inArray(layers.slideId, [...slideIds]),
        ne(layers.id, again.id),
        lte(layers.createdAt, again.createdAt),
        isNull(rounds.unblindedAt),
        or(eq(again.purpose, "repeat"), and(eq(again.purpose, "bridge"), eq(again.state, "open"))),
      ),
    );
  return new Set(rows.map(({ id }) => id));
}

/** What permissions need to know about one layer, and the membership of the one who asks; null where there is no such layer. */
export async function layerAuthority(
  db: Db,
  layerId: LayerId,
  personId: PersonId,
): Promise<{ readonly subject: LayerSubject; readonly member: Member | null } | null> {
  const [row] = await run<AuthorityRow>(db, LAYER_AUTHORITY, [layerId, personId]);
  if (row === undefined) return null;
  const { project_id: projectId, mode, role } = row;
  const subject: LayerSubject = {
    projectId,
    kind: row.kind,
    readerId: row.reader_id,
    mode,
    state: row.state,
    unblinded: mode !== "blind" || row.unblinded,
    slideBlindReaderIds: row.blind_readers,
    roundReaderIds: row.round_readers,
    repeating: row.repeating,
    ...(row.barred === null ? {} : { barredIds: row.barred }),
  };
  return { subject, member: role === null ? null : { personId, projectId, role } };
}

type AuthorityRow = Pick<LayerSubject, "kind" | "mode" | "state" | "unblinded"> & {
  readonly repeating: boolean;
  readonly project_id: ProjectId;
  readonly reader_id: PersonId | null;
  readonly role: Role | null;
  readonly blind_readers: readonly PersonId[];
  readonly round_readers: readonly PersonId[];
  /** Null for what is no ground truth. */
  readonly barred: readonly PersonId[] | null;
};

/**
 * Whom the guideline in force keeps from deciding about a slide: those that it names, and where it says so everybody who was
 * given a slide of the same case to read, alone or together. One array; null before the first version.
 * @param project, slide what their ids are called in the statement around it
 */
function barred(project: string, slide: string): string {
  return `(
    select array(
      select jsonb_array_elements_text(content -> 'rules' -> 'barredAdjudicators')
      union
      select given.person_id
      from slides as here
      join slides as of_case on of_case.case_id = here.case_id
      join (
        select slide_id, reader_id as person_id from layers where reader_id is not null
        union all
        select slide_id, person_id from round_slides join round_readers using (round_id)
      ) as given on given.slide_id = of_case.id
      where here.id = ${slide} and (content -> 'rules' ->> 'barReaders')::boolean
      order by 1
    )
    from (
      select content from guideline_versions where project_id = ${project} order by number desc limit 1
    ) as in_force
  )`;
}

const BARRED_ON_LAYER = barred("layers.project_id", "layers.slide_id");
const BARRED_ON_SLIDE: Statement = {
  name: "barred_on_slide",
  text: `select ${barred("slides.project_id", "slides.id")} as barred from slides where id = $1`,
};

/** Who may not decide about a slide, by the guideline in force. */
export async function barredOn(db: Db, slideId: SlideId): Promise<readonly PersonId[]> {
  const [row] = await run<Pick<AuthorityRow, "barred">>(db, BARRED_ON_SLIDE, [slideId]);
  return row?.barred ?? [];
}

/** The same as `layerFacts` and `memberOf` find out, in one statement: it is asked for every author of every turn. */
const LAYER_AUTHORITY: Statement = {
  name: "layer_authority",
  text: `
    select layers.project_id, layers.kind, layers.reader_id, layers.state, rounds.mode,
      rounds.unblinded_at is not null as unblinded,
      (select role from members where project_id = layers.project_id and person_id = $2) as role,
      array(
        select distinct blind.reader_id
        from layers as blind
        join rounds as running on running.id = blind.round_id
        where blind.slide_id = layers.slide_id and blind.reader_id is not null
          and running.mode = 'blind' and running.unblinded_at is null
      ) as blind_readers,
      array(select person_id from round_readers where round_id = layers.round_id) as round_readers,
      exists (
        select 1
        from layers as again
        join rounds as running on running.id = again.round_id
        where again.slide_id = layers.slide_id and again.reader_id = layers.reader_id and again.id <> layers.id
          and again.created_at >= layers.created_at and running.unblinded_at is null
          and (again.purpose = 'repeat' or (again.purpose = 'bridge' and again.state = 'open'))
      ) as repeating,
      case when layers.kind = 'ground-truth' then ${BARRED_ON_LAYER} end as barred
    from layers left join rounds on rounds.id = layers.round_id
    where layers.id = $1`,
};

export type LayerFacts = { readonly subject: LayerSubject; readonly layerId: LayerId; readonly slideId: SlideId };

type LayerFilter = { readonly layerId: LayerId } | { readonly slideId: SlideId } | { readonly projectId: ProjectId };

/** What permissions need to know about layers: kind, reader, mode, state, and who reads blind. */
export async function layerFacts(db: Db, filter: LayerFilter): Promise<LayerFacts[]> {
  const rows = await db
    .select({ layer: layers, round: rounds, barred: BARRED_FROM })
    .from(layers)
    .leftJoin(rounds, eq(rounds.id, layers.roundId))
    .where(conditionOf(filter))
    .orderBy(layers.createdAt, layers.id);
  const slideIds = [...new Set(rows.map((row) => row.layer.slideId))];
  const blind = await blindReaders(db, slideIds);
  const repeated = await repeatedReads(db, slideIds);
  const readers = await readersOfRounds(db, [...new Set(rows.flatMap((row) => (row.round ? [row.round.id] : [])))]);
  return rows.map(({ layer, round, barred: barredIds }) => ({
    layerId: layer.id,
    slideId: layer.slideId,
    subject: {
      projectId: layer.projectId,
      kind: layer.kind,
      readerId: layer.readerId,
      mode: round?.mode ?? null,
      state: layer.state,
      unblinded: round === null || round.mode !== "blind" || round.unblindedAt !== null,
      slideBlindReaderIds: blind.get(layer.slideId) ?? [],
      roundReaderIds: round === null ? [] : (readers.get(round.id) ?? []),
      repeating: repeated.has(layer.id),
      ...(barredIds === null ? {} : { barredIds }),
    },
  }));
}

const BARRED_FROM = sql<
  readonly PersonId[] | null
>`case when ${layers.kind} = 'ground-truth' then ${sql.raw(BARRED_ON_LAYER)} end`;

function conditionOf(filter: LayerFilter) {
  if ("layerId" in filter) return eq(layers.id, filter.layerId);
  return "slideId" in filter ? eq(layers.slideId, filter.slideId) : eq(layers.projectId, filter.projectId);
}

async function readersOfRounds(db: Db, roundIds: readonly (typeof rounds.$inferSelect)["id"][]) {
  const byRound = new Map<string, PersonId[]>();
  if (roundIds.length === 0) return byRound;
  const rows = await db
    .select()
    .from(roundReaders)
    .where(inArray(roundReaders.roundId, [...roundIds]));
  for (const row of rows) byRound.set(row.roundId, [...(byRound.get(row.roundId) ?? []), row.personId]);
  return byRound;
}
