"use client";

import { Archive, ChevronDown, Merge, Split } from "lucide-react";
import { useState } from "react";
import { Button } from "#app/_components/ui/button.tsx";
import {
  DropdownMenu,
  DropdownMenuContent,
  DropdownMenuItem,
  DropdownMenuTrigger,
} from "#app/_components/ui/dropdown-menu.tsx";
import type { ClassEndProps } from "./class-editor.tsx";
import { MergeDialog } from "./merge-dialog.tsx";
import { RetireDialog } from "./retire-dialog.tsx";
import { SplitDialog } from "./split-dialog.tsx";

/** The ways a class can end, each with its consequence said before it is chosen. */
export function ClassEndActions(props: ClassEndProps) {
  const [asking, setAsking] = useState<"merge" | "split" | "retire" | null>(null);
  const close = () => setAsking(null);
  const isNew = !props.base.classes.some((each) => each.id === props.definition.id);
  return (
    <>
      <DropdownMenu>
        <DropdownMenuTrigger asChild>
          <Button size="sm">
            Merge, split, retire <ChevronDown aria-hidden />
          </Button>
        </DropdownMenuTrigger>
        <DropdownMenuContent>
          <DropdownMenuItem onSelect={() => setAsking("merge")} disabled={isNew}>
            <Merge aria-hidden /> Merge into another class
          </DropdownMenuItem>
          <DropdownMenuItem onSelect={() => setAsking("split")} disabled={isNew}>
            <Split aria-hidden /> Split into several
          </DropdownMenuItem>
          <DropdownMenuItem danger onSelect={() => setAsking("retire")}>
            <Archive aria-hidden /> {isNew ? "Take out of the draft" : "Retire"}
          </DropdownMenuItem>
        </DropdownMenuContent>
      </DropdownMenu>
      {asking === "merge" ? <MergeDialog {...props} onClose={close} /> : null}
      {asking === "split" ? <SplitDialog {...props} onClose={close} /> : null}
      {asking === "retire" ? <RetireDialog {...props} onClose={close} /> : null}
    </>
  );
}
