"use client";

import { TableProperties } from "lucide-react";
import { useState } from "react";
import { PersonName } from "#app/_components/ui/avatar.tsx";
import { Badge, type Tone } from "#app/_components/ui/badge.tsx";
import { Card } from "#app/_components/ui/card.tsx";
import { EmptyState } from "#app/_components/ui/empty-state.tsx";
import { Segmented } from "#app/_components/ui/segmented.tsx";
import { ClassName } from "#app/_components/ui/swatch.tsx";
import { Cell, HeadCell, Row, Table, TableBody, TableHead } from "#app/_components/ui/table.tsx";
import { count } from "#app/_lib/format.ts";
import type { Preview } from "#client/answers.ts";
import type { GuidelineContent } from "#domain/guideline.ts";
import { ChangeBadge } from "./change-badge.tsx";
import { changeSentence, changeSubject, namingOf } from "./change-words.ts";
import { type CrossBy, crossCounts } from "./cross-counts.ts";

type Props = { readonly preview: Preview; readonly base: GuidelineContent; readonly draft: GuidelineContent };

const OUTCOMES: Readonly<Record<Preview["rows"][number]["outcome"], { readonly label: string; readonly tone: Tone }>> =
  {
    automatic: { label: "by itself", tone: "neutral" },
    review: { label: "review", tone: "warn" },
    choose: { label: "choose", tone: "warn" },
    archive: { label: "set aside", tone: "bad" },
  };

const BY = [
  { value: "personId", label: "By person" },
  { value: "slideId", label: "By slide" },
  { value: "classId", label: "By class" },
] as const;

/** How many annotations each change reaches, split by person, slide or class. */
export function PreviewCounts({ preview, base, draft }: Props) {
  const [by, setBy] = useState<CrossBy>("personId");
  const name = namingOf(base, draft);
  const table = crossCounts(preview.rows, by);
  return (
    <Card
      title="Annotations that each change reaches"
      description="An annotation that two changes reach is counted under both"
      actions={<Segmented label="Split the counts" value={by} onValueChange={setBy} options={BY} />}
      flush
    >
      {table.lines.length === 0 ? (
        <EmptyState icon={TableProperties} title="No annotation is reached">
          What is drawn so far stays as it is.
        </EmptyState>
      ) : (
        <Table>
          <TableHead>
            <tr>
              <HeadCell>Change</HeadCell>
              <HeadCell>Outcome</HeadCell>
              {table.columns.map((column) => (
                <HeadCell key={column} className="text-right text-ink">
                  <ColumnName id={column} by={by} preview={preview} draft={draft} base={base} />
                </HeadCell>
              ))}
              <HeadCell className="text-right">All</HeadCell>
            </tr>
          </TableHead>
          <TableBody>
            {table.lines.map((line) => {
              const change = preview.changes[line.change];
              const outcome = OUTCOMES[line.outcome];
              return (
                <Row key={`${line.change}-${line.outcome}`}>
                  <Cell className="min-w-40">
                    {change === undefined ? null : (
                      <span className="flex items-center gap-2" title={changeSentence(change, name)}>
                        <ChangeBadge kind={change.kind} /> {changeSubject(change, name)}
                      </span>
                    )}
                  </Cell>
                  <Cell>
                    <Badge tone={outcome.tone}>{outcome.label}</Badge>
                  </Cell>
                  {table.columns.map((column) => (
                    <Cell key={column} className="text-right text-muted">
                      {count(line.counts.get(column) ?? 0)}
                    </Cell>
                  ))}
                  <Cell className="text-right font-medium">{count(line.total)}</Cell>
                </Row>
              );
            })}
          </TableBody>
        </Table>
      )}
    </Card>
  );
}

function ColumnName({ id, by, preview, draft, base }: Props & { readonly id: string; readonly by: CrossBy }) {
  if (by === "personId") {
    const person = preview.people.find((each) => each.id === id);
    return person === undefined ? id : <PersonName name={person.name} colour={person.colour} />;
  }
  if (by === "slideId") return preview.slides.find((each) => each.id === id)?.name ?? id;
  const definition = [...draft.classes, ...base.classes].find((each) => each.id === id);
  return definition === undefined ? id : <ClassName name={definition.name} colour={definition.colour} />;
}
