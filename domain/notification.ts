import { z } from "zod";

export const notificationKindSchema = z.enum([
  "tasks-given",
  "tasks-inherited",
  "task-submitted",
  "task-accepted",
  "task-returned",
  "task-cancelled",
  "item-decided",
  "mention",
  "reply",
  "round-unblinded",
]);
export type NotificationKind = z.infer<typeof notificationKindSchema>;

/** What a notification says, apart from the place that it leads to. */
export type Notice = {
  readonly kind: NotificationKind;
  /** Who did it, as the reader may know them; null where the product did. */
  readonly actor: string | null;
  readonly count: number;
};

/** A notification in one sentence. A note that belongs to it is shown beside it. */
export function noticeText({ kind, actor, count }: Notice): string {
  switch (kind) {
    case "tasks-given":
      return `${actor ?? "The guideline"} gave you ${some(count, "task")}.`;
    case "tasks-inherited":
      return `${capital(some(count, "task"))} came to you, because ${count === 1 ? "its" : "their"} assignee can no longer do ${count === 1 ? "it" : "them"}.`;
    case "task-submitted":
      return `${actor ?? "Somebody"} handed in ${some(count, "task")}.`;
    case "task-accepted":
      return `${actor ?? "A lead"} accepted your work.`;
    case "task-returned":
      return `${actor ?? "A lead"} returned your work.`;
    case "task-cancelled":
      return `${actor ?? "A lead"} cancelled a task of yours.`;
    case "item-decided":
      return `${actor ?? "A lead"} decided what you could not tell.`;
    case "mention":
      return `${actor ?? "Somebody"} mentioned you.`;
    case "reply":
      return `${actor ?? "Somebody"} answered.`;
    case "round-unblinded":
      return `${actor ?? "A lead"} unblinded a round of yours: see where the record differs from your reads.`;
    default:
      return kind satisfies never;
  }
}

function some(count: number, noun: string): string {
  return count === 1 ? `a ${noun}` : `${count} ${noun}s`;
}

function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
