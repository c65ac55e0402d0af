import { toast } from "sonner";
import type { ConsensusView, Dispute } from "#client/answers.ts";
import { api, sentenceOf } from "#client/api.ts";
import { classId, roundId, slideId } from "#domain/ids.ts";
import { boxAround, type PlaceInput } from "#domain/question.ts";
import { useVisit } from "./session.tsx";
import type { ConsensusWalk } from "./use-consensus.ts";

const REASON = "guideline-ambiguous";

/**
 * Says that the guideline leaves this dispute open: the place goes to the question about its pair of classes, which is
 * opened where there is none, and the dispute is left unresolved until that is answered.
 */
export function useUnclear(
  {
    walk,
    dispute,
    consensus,
  }: { readonly walk: ConsensusWalk; readonly dispute: Dispute; readonly consensus: ConsensusView },
  note: string,
): () => void {
  const { session, projectId } = useVisit();
  const { byId } = session.workbench.guideline;
  return () =>
    void (async () => {
      try {
        const pair = pairOf(dispute);
        const place = placeOf(dispute, consensus, note);
        const known = await openQuestion(projectId, pair);
        if (known === null) {
          const title = titleOf(pair.map((id) => byId.get(id)?.name ?? id));
          const [first, second] = pair.map((id) => classId.parse(id));
          await api.questions.ask(projectId, { title, classId: first ?? null, otherClassId: second ?? null, place });
        } else await api.questions.addPlace(known, place);
        toast.success(known === null ? "A guideline question was opened." : "Added to the open guideline question.");
      } catch (error) {
        toast.error(sentenceOf(error));
        return;
      }
      await walk.decide({ method: "unresolved", reason: REASON, note });
    })();
}

/** The classes that are confused, at most two, by id; one where it is about marking or not. */
function pairOf({ votes }: Dispute): string[] {
  return [...new Set(votes.flatMap((vote) => vote.classId ?? []))].sort().slice(0, 2);
}

function titleOf([first, second]: readonly string[]): string {
  return second === undefined ? `When is it ${first ?? "marked"}?` : `${first} or ${second}?`;
}

function placeOf(dispute: Dispute, consensus: ConsensusView, note: string): PlaceInput {
  const [minX, minY, maxX, maxY] = dispute.bbox;
  const box = boxAround({ minX, minY, maxX, maxY });
  const at = { roundId: roundId.parse(consensus.roundId), slideId: slideId.parse(consensus.slide.id) };
  return { kind: "dispute", ...at, disputeKey: dispute.key, box, reason: REASON, note };
}

/** The id of the open question about exactly these classes, or null. */
async function openQuestion(projectId: string, pair: readonly string[]): Promise<string | null> {
  const open = await api.questions.list(projectId, { state: "open", class: pair[0] });
  const found = open.find((question) => {
    const about = [question.classId, question.otherClassId].filter((id) => id !== null).sort();
    return about.join() === [...pair].join();
  });
  return found?.id ?? null;
}
