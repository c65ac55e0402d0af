"use client";

import { CopyCheck } from "lucide-react";
import { useEffect, useState } from "react";
import { Button } from "#app/_components/ui/button.tsx";
import { Input } from "#app/_components/ui/input.tsx";
import { api } from "#client/api.ts";
import type { Shape } from "#client/scene.ts";
import type { SlideSession } from "#client/slide-session.ts";
import { RegionRework } from "./region-rework.tsx";
import { useLive, useVisit } from "./session.tsx";

/** What the list is searched by; empty parts ask for nothing. */
export type OutlineSearch = {
  readonly className: string;
  readonly state: string;
  readonly author: string;
  readonly text: string;
};
export const NO_SEARCH: OutlineSearch = { className: "", state: "", author: "", text: "" };

/** An outline as far as a search looks at it. */
export type Searched = {
  readonly layerId: string;
  readonly shape: Shape;
  readonly name: string;
  readonly stale: boolean;
  readonly waived: boolean;
  /** Worked out only where it is searched for. */
  readonly hasFinding: () => boolean;
  /** Whether something that its class requires is not said. */
  readonly isUnsaid: () => boolean;
  /** What it says, each with the name of the attribute. */
  readonly said: () => readonly string[];
};

/** Whether an outline is what is searched for. @param authorOf who drew it, where that is known */
export function isFound(row: Searched, search: OutlineSearch, authorOf: (id: string) => string | undefined): boolean {
  const { annotation } = row.shape;
  const text = search.text.trim().toLowerCase();
  const words = () => [row.name, annotation.note, ...row.said()].join(" ").toLowerCase();
  return (
    (search.className === "" || row.name === search.className) &&
    (search.state !== "stale" || row.stale) &&
    (search.state !== "waived" || row.waived) &&
    (search.state !== "finding" || row.hasFinding()) &&
    (search.state !== "unsaid" || row.isUnsaid()) &&
    (search.state !== "noted" || annotation.note !== "") &&
    (search.author === "" || authorOf(annotation.id) === search.author) &&
    (text === "" || words().includes(text))
  );
}

/** Who drew the outlines of a layer that several people draw in; nobody in particular for a read, which is its reader's. */
export function useAuthors(layerId: string | null) {
  const kind = useLive((state) => state.layers.find(({ id }) => id === layerId)?.kind);
  const [authors, setAuthors] = useState<ReadonlyMap<string, { readonly id: string; readonly name: string }>>(
    new Map(),
  );
  useEffect(() => {
    if (layerId === null || kind !== "team") return undefined;
    let wanted = true;
    api.layers.annotations(layerId).then(
      (rows) => wanted && setAuthors(new Map(rows.map(({ id, createdBy }) => [id, createdBy]))),
      () => undefined,
    );
    return () => {
      wanted = false;
      setAuthors(new Map());
    };
  }, [layerId, kind]);
  return authors;
}

type Found = { readonly layerId: string; readonly shape: Shape };
type Authors = ReadonlyMap<string, { readonly id: string; readonly name: string }>;

/** Selects what was found, and remembers by which search. */
export function selectFound(
  { workbench }: SlideSession,
  found: readonly Found[],
  search: OutlineSearch,
  authors: Authors,
): void {
  const selection = found.map(({ layerId, shape }) => ({ layerId, id: shape.annotation.id }));
  const words = searchWords(search, authors);
  workbench.store.setState({ selection, searched: words === "" ? null : { words, selection } });
}

function searchWords({ text, className, state, author }: OutlineSearch, authors: Authors): string {
  const of = [...authors.values()].find(({ id }) => id === author)?.name ?? "";
  const what = STATES.find(({ value }) => value !== "" && value === state)?.label ?? "";
  return [text.trim(), className, what, of]
    .filter((each) => each !== "")
    .join(", ")
    .slice(0, 200);
}

type Props = {
  readonly search: OutlineSearch;
  readonly onSearch: (search: OutlineSearch) => void;
  readonly names: readonly string[];
  readonly authors: ReadonlyMap<string, { readonly id: string; readonly name: string }>;
  readonly shown: readonly { readonly layerId: string; readonly shape: Shape }[];
};

const STATES = [
  { value: "", label: "Any state" },
  { value: "stale", label: "To look at again" },
  { value: "waived", label: "Waived" },
  { value: "finding", label: "With a finding" },
  { value: "unsaid", label: "Something not said" },
  { value: "noted", label: "With a note" },
] as const;
const FIELD = "h-6 min-w-0 flex-1 rounded border bg-panel px-1 text-muted text-xs";

/** Narrows the list by words, class, state and author; what is left can be selected as a whole. */
export function AnnotationSearch({ search, onSearch, names, authors, shown }: Props) {
  const { session } = useVisit();
  const people = [...new Map([...authors.values()].map((person) => [person.id, person.name]))];
  const selectAll = () => selectFound(session, shown, search, authors);
  const choice = (label: string, key: keyof OutlineSearch, options: readonly (readonly [string, string])[]) => (
    <select
      aria-label={label}
      value={search[key]}
      onChange={(event) => {
        onSearch({ ...search, [key]: event.target.value });
        event.currentTarget.blur();
      }}
      className={FIELD}
    >
      {options.map(([value, text]) => (
        <option key={value} value={value}>
          {text}
        </option>
      ))}
    </select>
  );
  return (
    <div className="flex shrink-0 flex-col gap-1.5 px-3 pb-2">
      <div className="flex items-center gap-1">
        <Input
          type="search"
          aria-label="Search outlines"
          placeholder="Search class, note, attribute"
          className="h-7 text-xs"
          value={search.text}
          onChange={(event) => onSearch({ ...search, text: event.target.value })}
          onKeyDown={(event) => event.key === "Escape" && event.currentTarget.blur()}
        />
        <Button
          variant="ghost"
          size="icon"
          aria-label={`Select all ${shown.length} shown`}
          title="Select all that are shown"
          disabled={shown.length === 0}
          onClick={selectAll}
        >
          <CopyCheck />
        </Button>
        <RegionRework />
      </div>
      <div className="flex items-center gap-1.5">
        {choice("Show only", "className", [["", "All classes"], ...names.map((name) => [name, name] as const)])}
        {choice(
          "State",
          "state",
          STATES.map(({ value, label }) => [value, label]),
        )}
        {people.length < 2 ? null : choice("Author", "author", [["", "Everybody"], ...people])}
      </div>
    </div>
  );
}
