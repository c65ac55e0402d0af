import type { Db } from "#db/client.ts";
import { guidelineHistory, lastForced } from "#db/guidelines.ts";
import { roundOfLayer } from "#db/rounds.ts";
import type { GuidelineVersion } from "#domain/guideline.ts";
import type { LayerId, ProjectId } from "#domain/ids.ts";
import { versionLimit } from "#domain/round.ts";

/** The versions that a layer goes by, oldest first: in a blind round none that takes effect when it is unblinded. */
export async function historyInForce(db: Db, projectId: ProjectId, layerId: LayerId): Promise<GuidelineVersion[]> {
  const limit = versionLimit(await roundOfLayer(db, layerId), await lastForced(db, projectId));
  return (await guidelineHistory(db, projectId)).filter(({ number }) => number <= limit);
}
