"use client";

import { Circle, CircleCheck, MoreHorizontal, RotateCcw } from "lucide-react";
import Link from "next/link";
import { useRouter } from "next/navigation";
import { useState } from "react";
import { UntestedFlag } from "#app/_components/qualification/untested-flag.tsx";
import { Time } from "#app/_components/time.tsx";
import { Button } from "#app/_components/ui/button.tsx";
import { Confirm } from "#app/_components/ui/confirm.tsx";
import {
  DropdownMenu,
  DropdownMenuContent,
  DropdownMenuItem,
  DropdownMenuTrigger,
} from "#app/_components/ui/dropdown-menu.tsx";
import { Tooltip } from "#app/_components/ui/tooltip.tsx";
import type { Round } from "#client/answers.ts";
import { api } from "#client/api.ts";

type Props = {
  /** Null where this person may not know. */
  readonly read: Round["reads"][number] | null;
  readonly projectId: string;
  readonly href: string;
  readonly who: string;
  readonly slideName: string;
  readonly reopens: boolean;
  /** The round has no such read, rather than one that this person may not know of. */
  readonly absent: boolean;
};

export function ReadCell(props: Props) {
  const { read } = props;
  if (read === null && props.absent) return <span className="text-faint">–</span>;
  if (read === null) {
    return (
      <Tooltip text="Blinded: how far others are is shown when the round is unblinded.">
        <span className="text-faint text-xs">hidden</span>
      </Tooltip>
    );
  }
  const isSubmitted = read.state === "submitted";
  return (
    <span className="group inline-flex h-6 items-center gap-1.5">
      <Link prefetch={false} href={props.href} className="inline-flex items-center gap-1.5 rounded hover:underline">
        {isSubmitted ? (
          <CircleCheck className="size-4 text-good" aria-hidden />
        ) : (
          <Circle className="size-4 text-line-strong" aria-hidden />
        )}
        <span className={isSubmitted ? "text-ink" : "text-faint"}>{isSubmitted ? "submitted" : "open"}</span>
        {read.submittedAt === null ? null : (
          <span className="text-faint text-xs">
            <Time at={read.submittedAt} />
          </span>
        )}
      </Link>
      {read.repeat ? (
        <Tooltip text="A repeat of an earlier read. Its reader does not see that it is one.">
          <span className="rounded border px-1 text-2xs text-muted">repeat</span>
        </Tooltip>
      ) : null}
      <UntestedFlag projectId={props.projectId} readers={[{ name: props.who, untested: read.untested }]} />
      {isSubmitted && props.reopens ? <ReopenRead {...props} read={read} /> : null}
    </span>
  );
}

function ReopenRead({ read, who, slideName }: Props & { readonly read: Round["reads"][number] }) {
  const router = useRouter();
  const [asking, setAsking] = useState(false);
  return (
    <>
      <DropdownMenu>
        <DropdownMenuTrigger asChild>
          <Button
            variant="ghost"
            size="icon"
            className="size-6 opacity-0 focus-visible:opacity-100 group-hover:opacity-100 data-[state=open]:opacity-100"
            aria-label={`More for the read of ${slideName} by ${who}`}
          >
            <MoreHorizontal />
          </Button>
        </DropdownMenuTrigger>
        <DropdownMenuContent>
          <DropdownMenuItem onSelect={() => setAsking(true)}>
            <RotateCcw aria-hidden /> Reopen this read
          </DropdownMenuItem>
        </DropdownMenuContent>
      </DropdownMenu>
      <Confirm
        open={asking}
        onOpenChange={setAsking}
        title={`Reopen the read of ${slideName} by ${who}?`}
        confirm="Reopen"
        action={async () => {
          await api.layers.reopen(read.layerId);
          router.refresh();
        }}
      >
        The reader can draw in it again. Agreement and decisions that were made from it show as out of date until it is
        submitted once more.
      </Confirm>
    </>
  );
}
