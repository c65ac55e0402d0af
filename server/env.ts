import { resolve } from "node:path";
import { z } from "zod";

const port = z.coerce.number().int().min(0).max(65_535);
const mebibytes = z.coerce.number().int().min(1).max(1_048_576);
const address = z.url({ protocol: /^https?$/ }).transform((text) => new URL(text).origin);
const databaseAddress = z.string().regex(/^(postgres|postgresql|socket):/, "must begin with postgres://");

/** Every key that Concord reads, with what it means when absent. `.env.example` explains them to operators. */
export const ENV_SCHEMA = z.object({
  PORT: port.default(3000),
  HOST: z.string().min(1).optional(),
  CONCORD_DATA: z.string().min(1).default("./data"),
  DATABASE_URL: databaseAddress.optional(),
  REDIS_URL: z
    .string()
    .regex(/^rediss?:\/\//, "must begin with redis:// or rediss://")
    .optional(),
  CONCORD_SECRET: z.string().min(32, "must have at least 32 characters").optional(),
  CONCORD_URL: address.optional(),
  CONCORD_MODE: z.enum(["demo", "production"]).default("demo"),
  CONCORD_FIRST_LEAD: z.email().optional(),
  CONCORD_MAX_UPLOAD_MIB: mebibytes.default(8_192),
  CONCORD_DEMO_WIDTH: z.coerce.number().int().min(512).max(65_536).default(8_192),
  CONCORD_DEMO_HISTORY: z.enum(["on", "off"]).default("on"),
  OIDC_ISSUER: z.url({ protocol: /^https?$/ }).optional(),
  OIDC_CLIENT_ID: z.string().min(1).optional(),
  OIDC_CLIENT_SECRET: z.string().min(1).optional(),
  OIDC_NAME: z.string().min(1).max(40).default("Single sign-on"),
  CONCORD_METRICS_TOKEN: z.string().min(16, "must have at least 16 characters").optional(),
  LOG_LEVEL: z.enum(["debug", "info", "warn", "error"]).optional(),
});

/** What our child processes may know of the environment: how to find programs and the network, nothing of ours. */
const INHERITED = [
  "PATH",
  "HOME",
  "TMPDIR",
  "TZ",
  "LANG",
  "LC_ALL",
  "NODE_EXTRA_CA_CERTS",
  "SSL_CERT_FILE",
  "HTTP_PROXY",
  "HTTPS_PROXY",
  "NO_PROXY",
] as const;

/** Demo accounts share a known password, so they stay on this machine; a production server is joined from elsewhere. */
const DEFAULT_HOST: Readonly<Record<Mode, string>> = { demo: "127.0.0.1", production: "0.0.0.0" };

export type LogLevel = "debug" | "info" | "warn" | "error";
export type Mode = "demo" | "production";
export type OidcProvider = {
  readonly issuer: string;
  readonly clientId: string;
  readonly clientSecret: string;
  readonly name: string;
};

export type Env = {
  readonly port: number;
  readonly host: string;
  /** Absolute path. */
  readonly dataDir: string;
  /** Null: the embedded Postgres in the data folder. */
  readonly databaseUrl: string | null;
  /** Null: this process is the only one on its database. Else one of several nodes, which wake each other there. */
  readonly redisUrl: string | null;
  /** Null: made on first start and kept in the data folder. */
  readonly secret: string | null;
  /** Public origin, without a closing slash. Null: http://localhost and the port that was opened. */
  readonly url: string | null;
  readonly mode: Mode;
  /** E-mail address of the account that production makes on an empty database; null makes none. */
  readonly firstLead: string | null;
  readonly maxUploadBytes: number;
  readonly demoWidth: number;
  /** Whether the demo gets a second project, of weeks of reading. */
  readonly demoHistory: boolean;
  readonly oidc: OidcProvider | null;
  /** Who bears it may read the metrics; null: nobody may. */
  readonly metricsToken: string | null;
  readonly logLevel: LogLevel;
  readonly inherited: Readonly<Record<string, string>>;
};

type Variables = Readonly<Record<string, string | undefined>>;
type Parsed = z.infer<typeof ENV_SCHEMA>;

/** The environment of this process; nothing else reads it. */
export function environment(): Variables {
  return process.env;
}

/**
 * The configuration, checked. An empty value counts as absent.
 * @throws one Error that lists every fault at once, a line each, without the values of secrets
 */
export function readEnv(variables: Variables): Env {
  const given = Object.fromEntries(
    Object.entries(variables).filter(([, value]) => value !== undefined && value !== ""),
  );
  const parsed = ENV_SCHEMA.safeParse(given);
  const faults = parsed.success
    ? combinationFaults(parsed.data)
    : parsed.error.issues.map((issue) => `${issue.path.join(".")}: ${issue.message}`);
  if (!parsed.success || faults.length > 0) {
    throw new Error(["The configuration has faults:", ...faults.map((fault) => `  ${fault}`)].join("\n"));
  }
  return envOf(parsed.data, given);
}

function envOf(values: Parsed, given: Variables): Env {
  const { OIDC_ISSUER: issuer, OIDC_CLIENT_ID: clientId, OIDC_CLIENT_SECRET: clientSecret } = values;
  const complete = issuer !== undefined && clientId !== undefined && clientSecret !== undefined;
  return {
    port: values.PORT,
    host: values.HOST ?? DEFAULT_HOST[values.CONCORD_MODE],
    dataDir: resolve(values.CONCORD_DATA),
    databaseUrl: values.DATABASE_URL ?? null,
    redisUrl: values.REDIS_URL ?? null,
    secret: values.CONCORD_SECRET ?? null,
    url: values.CONCORD_URL ?? null,
    mode: values.CONCORD_MODE,
    firstLead: values.CONCORD_FIRST_LEAD ?? null,
    maxUploadBytes: values.CONCORD_MAX_UPLOAD_MIB * 1_048_576,
    demoWidth: values.CONCORD_DEMO_WIDTH,
    demoHistory: values.CONCORD_DEMO_HISTORY === "on",
    oidc: complete ? { issuer, clientId, clientSecret, name: values.OIDC_NAME } : null,
    metricsToken: values.CONCORD_METRICS_TOKEN ?? null,
    logLevel: values.LOG_LEVEL ?? (values.CONCORD_MODE === "demo" ? "warn" : "info"),
    inherited: inheritedOf(given),
  };
}

function inheritedOf(given: Variables): Record<string, string> {
  const kept: Record<string, string> = {};
  for (const name of INHERITED) {
    const value = given[name];
    if (value !== undefined) kept[name] = value;
  }
  return kept;
}

/** What no single key can say: production needs its own secret and a secure address, and OIDC comes whole. */
function combinationFaults(values: Parsed): string[] {
  const faults: string[] = [];
  const oidc = [values.OIDC_ISSUER, values.OIDC_CLIENT_ID, values.OIDC_CLIENT_SECRET];
  if (oidc.some((part) => part !== undefined) && oidc.includes(undefined)) {
    faults.push("OIDC_ISSUER, OIDC_CLIENT_ID, OIDC_CLIENT_SECRET: set all three or none");
  }
  if (values.REDIS_URL !== undefined && (values.DATABASE_URL === undefined || values.CONCORD_SECRET === undefined)) {
    faults.push("REDIS_URL: several nodes share a DATABASE_URL and a CONCORD_SECRET; set both on each of them");
  }
  if (values.CONCORD_MODE === "demo") return faults;
  if (values.CONCORD_SECRET === undefined) faults.push("CONCORD_SECRET: production needs a secret of its own");
  if (values.CONCORD_URL !== undefined && !isSecureEnough(values.CONCORD_URL)) {
    faults.push("CONCORD_URL: production needs an https address (or localhost)");
  }
  if (values.OIDC_ISSUER !== undefined && !isSecureEnough(values.OIDC_ISSUER)) {
    faults.push("OIDC_ISSUER: production needs an https address (or localhost)");
  }
  return faults;
}

function isSecureEnough(url: string): boolean {
  const { protocol, hostname } = new URL(url);
  return protocol === "https:" || ["localhost", "127.0.0.1", "[::1]"].includes(hostname);
}
