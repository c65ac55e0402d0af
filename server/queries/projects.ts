import { blindReaders } from "#db/access.ts";
import type { Db } from "#db/client.ts";
import type { ProjectCard } from "#db/projects.ts";
import { slidesOf } from "#db/slides.ts";
import type { ProjectId } from "#domain/ids.ts";
import type { SlideSubject } from "#domain/permissions.ts";
import type { Project } from "#server/api/schemas/projects.ts";

export function projectCard(card: ProjectCard): Project {
  const { id, name, description, role, createdAt, slideCount, memberCount, heirs } = card;
  return { id, name, description, role, createdAt: createdAt.toISOString(), slideCount, memberCount, heirs };
}

/** What is shown of a whole project, for permissions: whoever reads any of its slides blind is kept from it. */
export async function blindSubject(db: Db, projectId: ProjectId): Promise<SlideSubject> {
  const slides = await slidesOf(db, projectId);
  const blind = await blindReaders(
    db,
    slides.map((slide) => slide.id),
  );
  return { projectId, slideBlindReaderIds: [...new Set([...blind.values()].flat())] };
}
