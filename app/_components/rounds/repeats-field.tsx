"use client";

import { useEffect, useId, useState } from "react";
import { Input } from "#app/_components/ui/input.tsx";
import { Switch } from "#app/_components/ui/switch.tsx";
import type { Member } from "#client/answers.ts";
import { api, sentenceOf } from "#client/api.ts";

export type RepeatsChoice = { readonly perReader: number; readonly washoutDays: number };

type Props = {
  readonly projectId: string;
  readonly value: RepeatsChoice | null;
  readonly onChange: (value: RepeatsChoice | null) => void;
  readonly washoutDays: number;
  readonly slideIds: ReadonlySet<string>;
  readonly readers: readonly Member[];
};

/** Earlier reads asked for again, hidden among the new ones: whether, how many, and after how long. */
export function RepeatsField({ projectId, value, onChange, washoutDays, slideIds, readers }: Props) {
  const change = (next: Partial<RepeatsChoice>) => onChange({ perReader: 1, washoutDays, ...value, ...next });
  return (
    <div className="rounded-lg border p-3">
      <label htmlFor="repeats" className="flex items-center gap-3">
        <Switch
          id="repeats"
          checked={value !== null}
          onCheckedChange={(on) => onChange(on ? { perReader: 1, washoutDays } : null)}
        />
        <span>
          <span className="font-medium">Hide repeat reads among them</span>
          <span className="block text-muted text-xs">
            Some slides that a reader has read before come again, without a mark. It shows how well each agrees with
            themselves; nobody can agree with others better than that.
          </span>
        </span>
      </label>
      {value === null ? null : (
        <div className="mt-3 flex flex-wrap items-center gap-x-6 gap-y-2 pl-12 text-sm">
          <Days
            label="Repeats for each reader"
            value={value.perReader}
            min={1}
            max={1_000}
            onChange={(perReader) => change({ perReader })}
          />
          <Days
            label="Days since they read it"
            value={value.washoutDays}
            min={0}
            max={3_650}
            onChange={(days) => change({ washoutDays: days })}
          />
          <Eligible projectId={projectId} washoutDays={value.washoutDays} slideIds={slideIds} readers={readers} />
        </div>
      )}
    </div>
  );
}

function Days(props: {
  readonly label: string;
  readonly value: number;
  readonly min: number;
  readonly max: number;
  readonly onChange: (value: number) => void;
}) {
  const id = useId();
  return (
    <span className="flex items-center gap-2">
      <label htmlFor={id} className="text-muted">
        {props.label}
      </label>
      <Input
        id={id}
        type="number"
        min={props.min}
        max={props.max}
        value={props.value}
        className="w-20"
        onChange={(event) => {
          const wanted = Math.round(Number(event.target.value));
          props.onChange(Math.min(props.max, Math.max(props.min, wanted)));
        }}
      />
    </span>
  );
}

type Found = Awaited<ReturnType<typeof api.rounds.repeatable>>["readers"];

/** How many earlier reads there are for each chosen reader; a slide of the round itself is not repeated. */
function Eligible(props: Pick<Props, "projectId" | "washoutDays" | "slideIds" | "readers">) {
  const { projectId, washoutDays, slideIds, readers } = props;
  const [found, setFound] = useState<Found | null>(null);
  const [error, setError] = useState<string | null>(null);
  useEffect(() => {
    let current = true;
    api.rounds.repeatable(projectId, { washoutDays }).then(
      (answer) => {
        if (current) setFound(answer.readers);
      },
      (reason: unknown) => {
        if (current) setError(sentenceOf(reason));
      },
    );
    return () => {
      current = false;
    };
  }, [projectId, washoutDays]);
  if (error !== null) return <span className="text-bad-ink">{error}</span>;
  if (found === null || readers.length === 0) return null;
  const countOf = (readerId: string) =>
    found.find((each) => each.readerId === readerId)?.slideIds.filter((id) => !slideIds.has(id)).length ?? 0;
  return (
    <span className="basis-full text-muted text-xs" data-testid="repeatable">
      Could be repeated: {readers.map(({ id, name }) => `${name} ${countOf(id)}`).join(", ")}.
    </span>
  );
}
