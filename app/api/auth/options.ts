import type { AuthOptions } from "next-auth";
import CredentialsProvider from "next-auth/providers/credentials";
import type { OAuthConfig } from "next-auth/providers/oauth";

/** A session ends this long after its last renewal; the server process adds an absolute limit. Seconds. */
const SESSION_SECONDS = 8 * 3_600;

/** What the server process says about somebody who proved who they are. */
type SignedIn = {
  readonly id: string;
  readonly name: string;
  readonly email: string;
  readonly tokenVersion: number;
};

type Identity = { readonly sub: string; readonly name?: string; readonly email?: string };

/**
 * Sign-in by e-mail and password and, where configured, an identity provider. Every decision is the server process's;
 * here are only the protocol and the cookie. The environment is what server/next-child.ts hands over.
 */
export function authOptions(env: Readonly<Record<string, string | undefined>>): AuthOptions {
  const secret = env["NEXTAUTH_SECRET"];
  if (secret === undefined) throw new Error("pages must be started by the server process, which knows the secret");
  const ask = askServer(env);
  return {
    secret,
    session: { strategy: "jwt", maxAge: SESSION_SECONDS },
    pages: { signIn: "/sign-in", error: "/sign-in" },
    providers: [passwordProvider(ask), ...oidcProviders(env)],
    callbacks: {
      async signIn({ user, account, profile }) {
        if (account?.provider !== "oidc") return true;
        const answer = await ask("oidc", { issuer: env["OIDC_ISSUER"], ...identityOf(user, profile) });
        if (!answer.ok) return `/sign-in?error=${encodeURIComponent(answer.code)}`;
        Object.assign(user, answer.person);
        return true;
      },
      jwt({ token, user }) {
        if (user === undefined) return token;
        const tokenVersion = "tokenVersion" in user ? user.tokenVersion : null;
        const now = Math.floor(Date.now() / 1_000);
        return { ...token, personId: user.id, tokenVersion, signedInAt: now, sessionId: crypto.randomUUID() };
      },
    },
    events: {
      async signOut({ token }) {
        await ask("sign-out", { sessionId: token?.["sessionId"] });
      },
    },
  };
}

type Answer = { readonly ok: true; readonly person: SignedIn } | { readonly ok: false; readonly code: string };
type Ask = (what: "sign-in" | "oidc" | "sign-out", body: unknown) => Promise<Answer>;

function askServer(env: Readonly<Record<string, string | undefined>>): Ask {
  const base = env["CONCORD_INTERNAL_URL"] ?? "";
  const headers = { "content-type": "application/json", "x-concord-internal": env["CONCORD_INTERNAL_KEY"] ?? "" };
  return async (what, body) => {
    const response = await fetch(`${base}/internal/${what}`, { method: "POST", headers, body: JSON.stringify(body) });
    const said = await response.json();
    return response.ok ? { ok: true, person: said } : { ok: false, code: String(said.code) };
  };
}

function passwordProvider(ask: Ask) {
  return CredentialsProvider({
    name: "E-mail and password",
    credentials: { email: { type: "email" }, password: { type: "password" } },
    async authorize(credentials, req) {
      const forwarded: unknown = req.headers?.["x-forwarded-for"];
      const answer = await ask("sign-in", {
        email: credentials?.email ?? "",
        password: credentials?.password ?? "",
        address: typeof forwarded === "string" ? forwarded : "",
      });
      if (!answer.ok) throw new Error(answer.code);
      return answer.person;
    },
  });
}

/** Code flow with PKCE, state and nonce; the provider is found through its discovery document. */
function oidcProviders(env: Readonly<Record<string, string | undefined>>): OAuthConfig<Identity>[] {
  const { OIDC_ISSUER: issuer, OIDC_CLIENT_ID: clientId, OIDC_CLIENT_SECRET: clientSecret } = env;
  if (issuer === undefined || clientId === undefined || clientSecret === undefined) return [];
  return [
    {
      id: "oidc",
      name: env["OIDC_NAME"] ?? "Single sign-on",
      type: "oauth",
      wellKnown: `${issuer.replace(/\/$/, "")}/.well-known/openid-configuration`,
      issuer,
      clientId,
      clientSecret,
      authorization: { params: { scope: "openid email profile" } },
      checks: ["pkce", "state", "nonce"],
      idToken: true,
      profile: ({ sub, name, email }) => ({ id: sub, name: name ?? email ?? sub, email: email ?? "" }),
    },
  ];
}

/** `user` is what `profile` of the provider above made of the verified token. */
function identityOf(
  user: { readonly id: string; readonly name?: string | null; readonly email?: string | null },
  profile: unknown,
) {
  const subject = typeof profile === "object" && profile !== null && "sub" in profile ? String(profile.sub) : user.id;
  return { subject, name: user.name, email: user.email };
}
