import { ArrowRight } from "lucide-react";
import { useEffect, useState } from "react";
import { placeInQueue } from "#app/_components/consensus/queue-link.ts";
import { ViewerLink } from "#app/_components/shell/viewer-link.tsx";
import { Button } from "#app/_components/ui/button.tsx";
import { Callout } from "#app/_components/ui/callout.tsx";
import type { ConsensusView, QueuedDispute } from "#client/answers.ts";
import { api } from "#client/api.ts";
import { isModified } from "#client/keymap.ts";
import { Key } from "./redraw-bar.tsx";
import { useVisit } from "./session.tsx";
import type { FirstDispute } from "./use-consensus.ts";
import { useKeys } from "./use-keys.ts";

type Props = { readonly consensus: ConsensusView; readonly first: FirstDispute };

/** Says that a slide is settled, and leads to the worst dispute that is left in the same queue on another one. */
export function QueueGoesOn({ consensus, first }: Props) {
  const { projectId, session } = useVisit();
  const asked = askOf(first);
  const next = useNext(consensus, new URLSearchParams(asked).toString());
  const href = next == null ? null : placeInQueue(projectId, asked, next);
  useKeys((event) => {
    if (href === null || event.key !== "Enter" || isModified(event)) return false;
    // A shape that is drawn is closed by the same key.
    if (session.state.getState().sandboxed) return false;
    window.location.assign(href);
    return true;
  });
  return (
    <Callout kind="good" className="mb-3" title="Everything on this slide is settled.">
      {next === null ? "Nothing is left in the queue. A decision may still be changed." : null}
      {next == null || href === null ? null : (
        <Button asChild size="sm" className="mt-1.5">
          <ViewerLink href={href} data-testid="queue-goes-on">
            Go on with {next.slideName} <ArrowRight aria-hidden /> <Key>Enter</Key>
          </ViewerLink>
        </Button>
      )}
    </Callout>
  );
}

function askOf({ queue, classId, kind }: FirstDispute): Readonly<Record<string, string>> {
  const own = { ...(classId === "" ? {} : { class: classId }), ...(kind === "" ? {} : { kind }) };
  return { ...Object.fromEntries(new URLSearchParams(queue ?? "")), ...own };
}

/** The worst that is left of a queue, null where nothing is, undefined until that is known. Asked again with each consensus. */
function useNext(consensus: ConsensusView, queue: string): QueuedDispute | null | undefined {
  const { projectId } = useVisit();
  const [next, setNext] = useState<QueuedDispute | null>();
  // biome-ignore lint/correctness/useExhaustiveDependencies: reason: another consensus means that somebody decided.
  useEffect(() => {
    let wanted = true;
    const query = { ...Object.fromEntries(new URLSearchParams(queue)), state: "open", limit: 1 };
    api.consensus.queue(projectId, query).then(
      ({ items }) => wanted && setNext(items[0] ?? null),
      // The list is one click away all the same.
      () => undefined,
    );
    return () => {
      wanted = false;
    };
  }, [projectId, consensus, queue]);
  return next;
}
