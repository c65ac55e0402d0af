"use client";

import { X } from "lucide-react";
import { useRouter } from "next/navigation";
import { Button } from "#app/_components/ui/button.tsx";
import { Select, type SelectOption } from "#app/_components/ui/select.tsx";
import { plural } from "#app/_lib/format.ts";
import type { Task } from "#client/answers.ts";
import { taskKindSchema } from "#domain/task.ts";
import { FILTER_KEYS, searchWith, type TaskSearch } from "./task-filter.ts";
import { KIND_WORDS } from "./task-words.ts";

const ALL = "all";

function distinct(options: readonly SelectOption[]): SelectOption[] {
  return [...new Map(options.map((option) => [option.value, option])).values()].sort((a, b) =>
    a.label.localeCompare(b.label),
  );
}

type Props = {
  readonly tasks: readonly Task[];
  readonly search: TaskSearch;
  readonly shownCount: number;
  readonly classes: readonly { readonly id: string; readonly name: string }[];
};

/** Filters live in the address, so that a filtered board can be sent to somebody. */
export function TaskFilters({ tasks, search, shownCount, classes }: Props) {
  const classNames = new Map(classes.map(({ id, name }) => [id, name]));
  const router = useRouter();
  const go = (part: Parameters<typeof searchWith>[1]) => router.replace(searchWith(search, part), { scroll: false });
  const changes = tasks.flatMap((task) => (task.guidelineNumber === null ? [] : [task.guidelineNumber]));
  const filters = [
    {
      key: "kind",
      all: "Every kind",
      options: taskKindSchema.options
        .filter((kind) => tasks.some((task) => task.kind === kind))
        .map((kind) => ({ value: kind, label: KIND_WORDS[kind] })),
    },
    {
      key: "person",
      all: "Everybody",
      options: distinct(tasks.map(({ assignee }) => ({ value: assignee.id, label: assignee.name }))),
    },
    {
      key: "slide",
      all: "Every slide",
      options: distinct(tasks.map(({ slide }) => ({ value: slide.id, label: slide.name }))),
    },
    {
      key: "change",
      all: "Every change",
      options: distinct(changes.map((number) => ({ value: String(number), label: `Version ${number}` }))),
    },
    {
      key: "class",
      all: "Every class",
      options: distinct(
        tasks.flatMap(({ classIds }) => classIds.map((id) => ({ value: id, label: classNames.get(id) ?? id }))),
      ),
    },
  ] as const;
  const isFiltered = FILTER_KEYS.some((key) => search[key] !== undefined);
  return (
    <div className="flex flex-wrap items-center gap-2">
      {filters.map((filter) => (
        <Select
          key={filter.key}
          aria-label={filter.all}
          value={search[filter.key] ?? ALL}
          onValueChange={(value) => go({ [filter.key]: value === ALL ? null : value })}
          options={[{ value: ALL, label: filter.all }, ...filter.options]}
          className="w-40"
        />
      ))}
      {isFiltered ? (
        <Button
          variant="ghost"
          size="sm"
          onClick={() => go({ kind: null, person: null, slide: null, change: null, class: null })}
        >
          <X aria-hidden /> Clear
        </Button>
      ) : null}
      <span className="tabular ml-auto text-faint text-xs">{plural(shownCount, "task")}</span>
    </div>
  );
}
