import { RepeatAgreement } from "#app/_components/drift/repeat-agreement.tsx";
import { attempt } from "#app/_lib/server-api.ts";

/** What readers' agreement with others has to be held against, for leads; nothing where nobody has read anything again. */
export async function OwnAgreement({ projectId, here }: { readonly projectId: string; readonly here: string }) {
  const answer = await attempt(here, (api) => api.drift.get(projectId));
  if (!answer.ok || answer.value.repeats.length === 0) return null;
  return <RepeatAgreement drift={answer.value} projectId={projectId} />;
}
