import type { Db } from "#db/client.ts";
import { type DrawnSince, drawnSince } from "#db/qualification.ts";
import type { ProjectId } from "#domain/ids.ts";
import type { QualificationNeed } from "./qualification-needs.ts";

/**
 * Outlines of a redefined class that people drew under its new meaning without having shown that they can tell it. They
 * are flagged and never refused; once the test is passed nothing is flagged any more.
 */
export async function flaggedOutlines(
  db: Db,
  projectId: ProjectId,
  needs: readonly QualificationNeed[],
): Promise<DrawnSince[]> {
  return drawnSince(
    db,
    projectId,
    needs.filter(({ passed }) => !passed),
  );
}
