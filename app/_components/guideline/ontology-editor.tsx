"use client";

import { Plus, Trash2 } from "lucide-react";
import { useState } from "react";
import { Button } from "#app/_components/ui/button.tsx";
import { Card } from "#app/_components/ui/card.tsx";
import { Input } from "#app/_components/ui/input.tsx";
import type { OntologyCode } from "#domain/guideline.ts";

const EMPTY = { system: "", code: "", label: "" };
const SYSTEMS = ["SNOMED CT", "ICD-O-3", "NCIt", "UBERON"];

/** What the class is called in terminologies, for exports. */
export function OntologyEditor(props: {
  readonly codes: readonly OntologyCode[];
  readonly onChange: (codes: OntologyCode[]) => void;
}) {
  const [fresh, setFresh] = useState<OntologyCode>(EMPTY);
  const isKnown = props.codes.some(({ system, code }) => system === fresh.system && code === fresh.code);
  const isWhole = fresh.system.trim() !== "" && fresh.code.trim() !== "" && !isKnown;
  const add = () => {
    props.onChange([...props.codes, { ...fresh, system: fresh.system.trim(), code: fresh.code.trim() }]);
    setFresh(EMPTY);
  };
  return (
    <Card title="Codes" description="Written into exports; changing them asks nobody for anything">
      <ul className="flex flex-col gap-2">
        {props.codes.map((each) => (
          <li key={`${each.system} ${each.code}`} className="flex items-center gap-3">
            <span className="w-28 truncate text-muted">{each.system}</span>
            <code className="w-32 truncate font-mono text-xs">{each.code}</code>
            <span className="min-w-0 flex-1 truncate">{each.label}</span>
            <Button
              variant="ghost"
              size="icon"
              aria-label={`Take ${each.system} ${each.code} away`}
              onClick={() => props.onChange(props.codes.filter((other) => other !== each))}
            >
              <Trash2 />
            </Button>
          </li>
        ))}
      </ul>
      <form
        className="mt-2 grid grid-cols-[120px_140px_minmax(0,1fr)_auto] gap-2"
        onSubmit={(event) => {
          event.preventDefault();
          if (isWhole) add();
        }}
      >
        <Input
          aria-label="Terminology"
          placeholder="Terminology"
          list="terminologies"
          maxLength={80}
          value={fresh.system}
          onChange={(event) => setFresh({ ...fresh, system: event.target.value })}
        />
        <datalist id="terminologies">
          {SYSTEMS.map((system) => (
            <option key={system} value={system} />
          ))}
        </datalist>
        <Input
          aria-label="Code"
          placeholder="Code"
          maxLength={80}
          value={fresh.code}
          onChange={(event) => setFresh({ ...fresh, code: event.target.value })}
        />
        <Input
          aria-label="Label of the code"
          placeholder="What it says there"
          maxLength={200}
          value={fresh.label}
          onChange={(event) => setFresh({ ...fresh, label: event.target.value })}
        />
        <Button type="submit" disabled={!isWhole || props.codes.length >= 10}>
          <Plus aria-hidden /> Add
        </Button>
      </form>
    </Card>
  );
}
