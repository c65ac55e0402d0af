import { useRef } from "react";
import { toast } from "sonner";
import { unclearPath } from "#app/_components/consensus/queue-link.ts";
import { pairTitle } from "#app/_components/guideline/question-words.tsx";
import type { ConsensusView, Dispute } from "#client/answers.ts";
import { api, sentenceOf } from "#client/api.ts";
import { classId, roundId, slideId } from "#domain/ids.ts";
import { boxAround, classPairOf, type PlaceInput } from "#domain/question.ts";
import type { ReasonCode } from "#domain/task.ts";
import { useVisit } from "./session.tsx";
import type { ConsensusWalk } from "./use-consensus.ts";

/**
 * Says that the guideline leaves this dispute open: it is left unresolved, which collects it with others about the same
 * classes, and where a question about them is open it becomes a place of that.
 */
export function useUnclear(
  {
    walk,
    dispute,
    consensus,
  }: { readonly walk: ConsensusWalk; readonly dispute: Dispute; readonly consensus: ConsensusView },
  said: { readonly reason: ReasonCode; readonly note: string },
): () => void {
  const { session, projectId } = useVisit();
  const { byId } = session.workbench.guideline;
  const reason = said.reason === "guideline-silent" ? said.reason : "guideline-ambiguous";
  const asking = useRef(false);
  return () => {
    // A key that is pressed twice says it once.
    if (asking.current) return;
    asking.current = true;
    void say().finally(() => {
      asking.current = false;
    });
  };

  async function say(): Promise<void> {
    const pair = classPairOf(dispute.votes.map((vote) => ({ classId: classId.nullable().parse(vote.classId) })));
    try {
      const known = await openQuestion(projectId, pair);
      if (known !== null) await api.questions.addPlace(known, placeOf(dispute, consensus, reason, said.note));
      const title = pairTitle(pair.map((id) => byId.get(id)?.name ?? id));
      toast.success(known === null ? `Collected: ${title}` : "Added to the open guideline question.", {
        action: { label: "See all", onClick: () => window.location.assign(unclearPath(projectId)) },
      });
    } catch (error) {
      toast.error(sentenceOf(error));
      return;
    }
    await walk.decide({ method: "unresolved", reason, note: said.note });
  }
}

function placeOf(dispute: Dispute, consensus: ConsensusView, reason: ReasonCode, note: string): PlaceInput {
  const [minX, minY, maxX, maxY] = dispute.bbox;
  const at = { roundId: roundId.parse(consensus.roundId), slideId: slideId.parse(consensus.slide.id) };
  const box = boxAround({ minX, minY, maxX, maxY });
  return { kind: "dispute", ...at, disputeKey: dispute.key, box, reason, note };
}

/** The id of the open question about exactly these classes, or null. */
async function openQuestion(projectId: string, pair: readonly string[]): Promise<string | null> {
  const open = await api.questions.list(projectId, { state: "open", class: pair[0] });
  const found = open.find((question) => {
    const about = [question.classId, question.otherClassId].filter((id) => id !== null).sort();
    return about.join() === pair.join();
  });
  return found?.id ?? null;
}
