import { OpenAPIHono } from "@hono/zod-openapi";
import type { TypedResponse } from "hono";
import { HTTPException } from "hono/http-exception";
import { AppError, type ErrorCode, faultOf, problemOf } from "#server/errors.ts";
import type { Caller } from "#server/session.ts";
import { unstorableText } from "./storable.ts";
import type { ApiEnv } from "./world.ts";

/**
 * A router of one aggregate: schema faults become problems, a path that is no id is simply not found. So does text that
 * Postgres cannot hold, wherever in a request it stands.
 */
export function router(): OpenAPIHono<ApiEnv> {
  return new OpenAPIHono<ApiEnv>({
    defaultHook: (result) => {
      if (result.success) {
        const path = unstorableText(result.data);
        if (path === null) return undefined;
        throw new AppError("bad-request", {
          in: result.target,
          path,
          message: "text with NUL or half a surrogate pair",
        });
      }
      if (result.target === "param") throw new AppError("not-found");
      const [issue] = result.error.issues;
      throw new AppError("bad-request", {
        in: result.target,
        path: issue?.path.join(".") ?? "",
        message: issue?.message ?? "",
      });
    },
  });
}

/** The signed-in caller of a request; ends the request where there is none. */
export function callerOf(context: { readonly var: { readonly caller: Caller | null } }): Caller {
  const { caller } = context.var;
  if (caller === null) throw new AppError("not-signed-in");
  return caller;
}

/** An answer of this shape whose text is made as it is sent, for those that would hold others up if written at once. */
export function jsonAsMade<Answer>(text: AsyncGenerator<string>): Response & TypedResponse<Answer, 200, "json"> {
  const encoder = new TextEncoder();
  const body = new ReadableStream<Uint8Array>({
    async pull(controller) {
      const next = await text.next();
      if (next.done === true) controller.close();
      else controller.enqueue(encoder.encode(next.value));
    },
    async cancel() {
      await text.return(undefined);
    },
  });
  const response = new Response(body, { headers: { "content-type": "application/json" } });
  // What the typed client reads of a route is its type only.
  return response as Response & TypedResponse<Answer, 200, "json">;
}

/** The body and status of the answer to a failed request; `unexpected` is called for what is our fault. */
export function problemAnswer(error: unknown, unexpected: (error: unknown) => void): Response {
  const known = knownProblem(error);
  if (known === null) unexpected(error);
  const { code, detail } = known ?? { code: "internal" as const, detail: {} };
  return new Response(JSON.stringify(problemOf(code, detail)), {
    status: faultOf(code).status,
    headers: { "content-type": "application/problem+json", "cache-control": "no-store" },
  });
}

type Known = { readonly code: ErrorCode; readonly detail: Readonly<Record<string, unknown>> };

function knownProblem(error: unknown): Known | null {
  if (error instanceof AppError) return error;
  if (error instanceof HTTPException) return { code: "bad-request", detail: { message: error.message } };
  return isDatabaseAway(error) ? { code: "not-saved", detail: {} } : null;
}

const AWAY = new Set(["ECONNREFUSED", "ECONNRESET", "ENOENT", "EPIPE", "57P01", "57P02", "57P03", "08006", "08003"]);

function isDatabaseAway(error: unknown): boolean {
  for (let current = error; current instanceof Error; current = current.cause) {
    if ("code" in current && typeof current.code === "string" && AWAY.has(current.code)) return true;
    if (current.message.startsWith("Connection terminated")) return true;
  }
  return false;
}
