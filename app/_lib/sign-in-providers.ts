import { internalUrl } from "./server-api.ts";

export type SignInProvider = { readonly id: string; readonly name: string };

/** Identity providers that were configured beside e-mail and password; none where sign-in does not answer. */
export async function signInProviders(): Promise<readonly SignInProvider[]> {
  const response = await fetch(`${internalUrl()}/api/auth/providers`, { cache: "no-store" }).catch(() => null);
  if (response === null || !response.ok) return [];
  const providers = (await response.json()) as Record<string, { id: string; name: string; type: string }> | null;
  return Object.values(providers ?? {})
    .filter((provider) => provider.type !== "credentials")
    .map(({ id, name }) => ({ id, name }));
}
