import { headers } from "next/headers";
import { notFound, redirect } from "next/navigation";
import { cache } from "react";
import type { InvitationView, Me } from "#client/answers.ts";
import { type Api, ApiError, createApi } from "#client/api.ts";

/** The API with the session of whoever asked for this page. */
const serverApi = cache(async (): Promise<Api> => {
  const cookie = (await headers()).get("cookie");
  return createApi({ baseUrl: internalUrl(), headers: cookie === null ? {} : { cookie } });
});

/** Address at which the server process is reached from the process that renders pages. */
export function internalUrl(): string {
  return process.env["CONCORD_INTERNAL_URL"] ?? "http://127.0.0.1:3000";
}

function signInPage(here: string): string {
  return `/sign-in?callbackUrl=${encodeURIComponent(here)}`;
}

/**
 * What a page needs from the API. Signed-out people are sent to the sign-in page and come back to `here`;
 * what is absent or foreign shows the not-found page.
 */
export async function load<Answer>(here: string, ask: (api: Api) => Promise<Answer>): Promise<Answer> {
  const answer = await attempt(here, ask);
  if (answer.ok) return answer.value;
  throw answer.error;
}

export type Attempt<Answer> =
  | { readonly ok: true; readonly value: Answer }
  | { readonly ok: false; readonly error: ApiError };

/** Like `load`, for what this person's role may be refused: the refusal is returned and can be said on the page. */
export async function attempt<Answer>(here: string, ask: (api: Api) => Promise<Answer>): Promise<Attempt<Answer>> {
  const answer = await attemptIfThere(here, ask);
  if (!answer.ok && answer.error.status === 404) notFound();
  return answer;
}

/** The same for what may have gone by now: its absence is returned too, with status 404. */
export async function attemptIfThere<Answer>(
  here: string,
  ask: (api: Api) => Promise<Answer>,
): Promise<Attempt<Answer>> {
  try {
    return { ok: true, value: await ask(await serverApi()) };
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
    if (error.status === 401) redirect(signInPage(here));
    return { ok: false, error };
  }
}

/** The signed-in person, asked once per page. */
export const loadMe = cache((here: string) => load(here, (api) => api.me.get()));
/** The project of a page, asked once per page. */
export const loadProject = cache((projectId: string) =>
  load(`/projects/${projectId}`, (api) => api.projects.get(projectId)),
);

/** The signed-in person, or null; for pages that are open to both. */
export async function currentPerson(): Promise<Me | null> {
  const api = await serverApi();
  return api.me.get().catch(() => null);
}

/** What an invitation link is for, or why it no longer works. */
export async function invitation(token: string): Promise<Attempt<InvitationView>> {
  const api = await serverApi();
  return api.invitations.view(token).then(
    (value) => ({ ok: true, value }) as const,
    (error: unknown) => {
      if (error instanceof ApiError) return { ok: false, error } as const;
      throw error;
    },
  );
}
