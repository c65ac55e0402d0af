import { z } from "@hono/zod-openapi";
import { personRef, roleSchema, timeSchema } from "./common.ts";

const colour = z.string().regex(/^#[0-9a-f]{6}$/);
export const passwordSchema = z.string().min(8).max(200);

export const meSchema = z.object({
  id: z.string(),
  name: z.string(),
  email: z.string(),
  colour,
  hasPassword: z.boolean(),
});
export const meUpdate = z.object({ name: z.string().trim().min(1).max(80), colour }).partial();
export const passwordUpdate = z.object({ current: z.string().max(200), next: passwordSchema });

export const tokenSchema = z.object({
  id: z.string(),
  name: z.string(),
  scope: z.enum(["read", "write"]),
  createdAt: timeSchema,
  expiresAt: timeSchema.nullable(),
  lastUsedAt: timeSchema.nullable(),
});
export const tokenCreate = z.object({
  name: z.string().trim().min(1).max(80),
  scope: z.enum(["read", "write"]),
  days: z.int().min(1).max(365).nullable(),
});
/** `secret` is shown this once and never again. */
export const tokenCreated = tokenSchema.extend({ secret: z.string() });

export const memberSchema = personRef.extend({ email: z.string(), role: roleSchema, joinedAt: timeSchema });
export const memberUpdate = z.object({ role: roleSchema });

export const invitationSchema = z.object({
  id: z.string(),
  role: roleSchema,
  createdBy: personRef,
  createdAt: timeSchema,
  expiresAt: timeSchema,
  usedAt: timeSchema.nullable(),
});
export const invitationCreate = z.object({ role: roleSchema, days: z.int().min(1).max(90).default(14) });
/** `url` holds the secret and is shown this once. */
export const invitationCreated = invitationSchema.extend({ url: z.string() });
/** What the holder of an invitation link may know before signing in. */
export const invitationView = z.object({ projectName: z.string(), role: roleSchema, expiresAt: timeSchema });
/** Accepting as a new person; a signed-in person sends an empty object. */
export const invitationAccept = z.union([
  z.object({ name: z.string().trim().min(1).max(80), email: z.email().max(200), password: passwordSchema }).strict(),
  z.object({}).strict(),
]);
export const invitationAccepted = z.object({ projectId: z.string(), email: z.string() });

export type Me = z.infer<typeof meSchema>;
export type Token = z.infer<typeof tokenSchema>;
export type TokenCreated = z.infer<typeof tokenCreated>;
export type Member = z.infer<typeof memberSchema>;
export type Invitation = z.infer<typeof invitationSchema>;
export type InvitationCreated = z.infer<typeof invitationCreated>;
export type InvitationView = z.infer<typeof invitationView>;
