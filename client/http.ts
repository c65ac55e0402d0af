/** How the API is reached: same origin in a browser, an address and a forwarded cookie on a server. */
export type ApiTarget = {
  readonly baseUrl: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly fetch?: typeof globalThis.fetch;
};

/** A failed answer of the API, RFC 9457: `title` is the sentence for the reader, `code` is for programs. */
export class ApiError extends Error {
  readonly code: string;
  readonly title: string;
  readonly status: number;
  readonly detail: Readonly<Record<string, unknown>>;

  constructor(problem: { code: string; title: string; status: number; detail: Readonly<Record<string, unknown>> }) {
    super(`${problem.code}: ${problem.title}`);
    this.name = "ApiError";
    this.code = problem.code;
    this.title = problem.title;
    this.status = problem.status;
    this.detail = problem.detail;
  }
}

export type Query = Readonly<Record<string, string | number | undefined>>;
export type Page<Item> = { readonly items: Item[]; readonly nextCursor: string | null };
/** Sends one request and answers its parsed JSON; throws ApiError. */
export type Send = <Answer>(
  method: string,
  path: string,
  more?: {
    readonly query?: Query;
    readonly body?: unknown;
    readonly signal?: AbortSignal;
    /** Goes out also where the page is closed meanwhile. */
    readonly keepalive?: boolean;
  },
) => Promise<Answer>;

const UNREACHABLE = "The server does not answer. Check the connection and try again.";

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null;
}

/** What a failed answer says about itself, also where it is not ours (a gateway's page). */
export function problemFrom(status: number, body: unknown): ApiError {
  const problem = isRecord(body) ? body : {};
  return new ApiError({
    code: typeof problem["code"] === "string" ? problem["code"] : "unreachable",
    title: typeof problem["title"] === "string" ? problem["title"] : UNREACHABLE,
    status,
    detail: isRecord(problem["detail"]) ? problem["detail"] : {},
  });
}

/** The sentence to show for anything that was thrown while asking the API. */
export function sentenceOf(error: unknown): string {
  return error instanceof ApiError ? error.title : UNREACHABLE;
}

/** `path` with the query's defined values. */
export function withQuery(path: string, query: Query = {}): string {
  const parts = new URLSearchParams();
  for (const [key, value] of Object.entries(query)) if (value !== undefined) parts.set(key, String(value));
  const text = parts.toString();
  return text === "" ? path : `${path}?${text}`;
}

export function createSend(target: ApiTarget): Send {
  const ask = target.fetch ?? globalThis.fetch.bind(globalThis);
  return async <Answer>(method: string, path: string, more: Parameters<Send>[2] = {}): Promise<Answer> => {
    const hasBody = more.body !== undefined;
    const init: RequestInit = {
      method,
      headers: {
        accept: "application/json",
        ...(hasBody ? { "content-type": "application/json" } : {}),
        ...target.headers,
      },
      cache: "no-store",
      ...(hasBody ? { body: JSON.stringify(more.body) } : {}),
      ...(more.signal === undefined ? {} : { signal: more.signal }),
      ...(more.keepalive === undefined ? {} : { keepalive: more.keepalive }),
    };
    const response = await reach(ask, `${target.baseUrl}/api/v1${withQuery(path, more.query)}`, init);
    const body: unknown = await response.json().catch(() => null);
    if (!response.ok) throw problemFrom(response.status, body);
    return body as Answer;
  };
}

async function reach(ask: typeof globalThis.fetch, url: string, init: RequestInit): Promise<Response> {
  try {
    return await ask(url, init);
  } catch (error) {
    if (error instanceof DOMException && error.name === "AbortError") throw error;
    throw new ApiError({ code: "unreachable", title: UNREACHABLE, status: 0, detail: { cause: String(error) } });
  }
}

/** Every item of a paged list, in order. */
export async function allItems<Item>(send: Send, path: string, query: Query = {}): Promise<Item[]> {
  const items: Item[] = [];
  let cursor: string | undefined;
  do {
    const page: Page<Item> = await send<Page<Item>>("GET", path, {
      query: { limit: 500, ...query, ...(cursor === undefined ? {} : { cursor }) },
    });
    items.push(...page.items);
    cursor = page.nextCursor ?? undefined;
  } while (cursor !== undefined);
  return items;
}

type Schema = { readonly _zod: { readonly input: unknown; readonly output: unknown } };
/** What a request schema takes, before its defaults. */
export type Input<S extends Schema> = S["_zod"]["input"];
export type Output<S extends Schema> = S["_zod"]["output"];
