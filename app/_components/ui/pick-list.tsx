"use client";

import { type ReactNode, useId, useState } from "react";
import { Button } from "./button.tsx";
import { Card } from "./card.tsx";
import { Checkbox } from "./checkbox.tsx";
import { Input } from "./input.tsx";

export type PickItem = {
  readonly id: string;
  readonly label: string;
  readonly hint?: string;
  readonly mark?: ReactNode;
};

const SEARCH_FROM = 9;

/** Choose several of a list; a search line where it is long. */
export function PickList(props: {
  readonly title: string;
  readonly empty: string;
  readonly items: readonly PickItem[];
  readonly chosen: ReadonlySet<string>;
  readonly onChange: (chosen: ReadonlySet<string>) => void;
}) {
  const listId = useId();
  const [search, setSearch] = useState("");
  const wanted = search.trim().toLowerCase();
  const shown = props.items.filter((item) => `${item.label} ${item.hint ?? ""}`.toLowerCase().includes(wanted));
  const allShown = shown.length > 0 && shown.every((item) => props.chosen.has(item.id));
  const flip = (id: string) => {
    const next = new Set(props.chosen);
    if (!next.delete(id)) next.add(id);
    props.onChange(next);
  };
  const flipAll = () => {
    const next = new Set(props.chosen);
    for (const item of shown) {
      if (allShown) next.delete(item.id);
      else next.add(item.id);
    }
    props.onChange(next);
  };
  return (
    <Card
      title={props.title}
      description={`${props.chosen.size} of ${props.items.length} chosen`}
      actions={
        <Button size="sm" variant="ghost" disabled={shown.length === 0} onClick={flipAll}>
          {allShown ? "None" : "All"}
        </Button>
      }
      flush
    >
      {props.items.length < SEARCH_FROM ? null : (
        <div className="border-b p-2">
          <Input
            value={search}
            onChange={(event) => setSearch(event.target.value)}
            placeholder="Search"
            aria-label={`Search ${props.title.toLowerCase()}`}
          />
        </div>
      )}
      {props.items.length === 0 ? <p className="p-4 text-muted">{props.empty}</p> : null}
      <ul className="scroll-thin max-h-80 overflow-y-auto py-1">
        {shown.map((item) => (
          <li key={item.id}>
            <label
              htmlFor={`${listId}-${item.id}`}
              className="flex min-h-9 cursor-pointer items-center gap-3 px-4 py-1 hover:bg-hover/60"
            >
              <Checkbox
                id={`${listId}-${item.id}`}
                checked={props.chosen.has(item.id)}
                onCheckedChange={() => flip(item.id)}
              />
              {item.mark}
              <span className="truncate">{item.label}</span>
              <span className="ml-auto truncate text-faint text-xs">{item.hint}</span>
            </label>
          </li>
        ))}
      </ul>
    </Card>
  );
}
