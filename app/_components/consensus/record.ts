import type { Dispute } from "#client/answers.ts";

/** The record says something else here than this read did. */
export function differsFrom({ record, votes }: Dispute, read: number): boolean {
  if (record === null || read < 0) return false;
  return (votes.find((vote) => vote.read === read)?.classId ?? null) !== record.classId;
}
