import { z } from "@hono/zod-openapi";
import { type Action, rolesFor } from "#domain/permissions.ts";
import { problemSchema } from "./schemas/common.ts";

/** Who may call: an action that permissions decide, anybody signed in, or anybody at all. */
export type Authority = Action | "signed-in" | "open";

const problem = (description: string) => ({
  description,
  content: { "application/problem+json": { schema: problemSchema } },
});

const PROBLEMS = {
  400: problem("The request is not well formed."),
  401: problem("Not signed in."),
  403: problem("Not allowed."),
  404: problem("Absent, or not yours to see: the two are never told apart."),
  409: problem("Clashes with the present state."),
  422: problem("Understood, and refused."),
} as const;

/** The `responses` of an operation that answers with this schema. */
export function answers<Answer extends z.ZodType>(schema: Answer) {
  return { 200: { description: "Done.", content: { "application/json": { schema } } }, ...PROBLEMS } as const;
}

/** The `responses` of an operation that answers with a file or a stream. */
export function answersFile(contentType: string) {
  return {
    200: { description: "Done.", content: { [contentType]: { schema: z.string().openapi({ format: "binary" }) } } },
    ...PROBLEMS,
  } as const;
}

/** The `request.body` of an operation that takes this schema as JSON. */
export function takes<Body extends z.ZodType>(schema: Body) {
  return { body: { required: true, content: { "application/json": { schema } } } } as const;
}

/** What an operation is and who may call it; `x-roles` comes from the table that decides. */
export function about(tag: string, who: Authority, summary: string) {
  const open = who === "open";
  return {
    tags: [tag],
    summary,
    security: open ? [] : [{ cookie: [] }, { token: [] }],
    "x-roles": open || who === "signed-in" ? [who] : [...rolesFor(who)],
  };
}
