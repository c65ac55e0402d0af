import { Time } from "#app/_components/time.tsx";
import { PersonName } from "#app/_components/ui/avatar.tsx";
import { Cell, HeadCell, Row, Table, TableBody, TableHead } from "#app/_components/ui/table.tsx";
import type { AuditEntry } from "#client/answers.ts";
import { actionWords } from "./action-words.ts";

function valueText(value: unknown): string {
  if (typeof value === "string") return value;
  return Array.isArray(value) && value.every((each) => typeof each === "string")
    ? value.join(", ")
    : JSON.stringify(value);
}

function detailText(detail: AuditEntry["detail"]): string {
  return Object.entries(detail)
    .filter(([, value]) => !(Array.isArray(value) && value.length === 0))
    .map(([key, value]) => `${key}: ${valueText(value)}`)
    .join(" · ");
}

export function AuditTable({ entries }: { readonly entries: readonly AuditEntry[] }) {
  return (
    <Table>
      <TableHead>
        <tr>
          <HeadCell className="w-16 text-right">No.</HeadCell>
          <HeadCell className="w-44">When</HeadCell>
          <HeadCell className="w-44">Who</HeadCell>
          <HeadCell>What</HeadCell>
          <HeadCell>Detail</HeadCell>
          <HeadCell className="w-28">Seal</HeadCell>
        </tr>
      </TableHead>
      <TableBody>
        {entries.map((entry) => (
          <Row key={entry.seq}>
            <Cell className="text-right text-faint tabular-nums">{entry.seq}</Cell>
            <Cell className="text-muted">
              <Time at={entry.at} exact />
            </Cell>
            <Cell>
              {entry.person === null ? (
                <span className="text-faint">Concord</span>
              ) : (
                <PersonName name={entry.person.name} colour={entry.person.colour} />
              )}
            </Cell>
            <Cell className="whitespace-nowrap" title={entry.action}>
              {actionWords(entry.action)}
            </Cell>
            <Cell className="max-w-xl">
              <span className="line-clamp-1 text-muted" title={detailText(entry.detail)}>
                {detailText(entry.detail) || entry.subject}
              </span>
            </Cell>
            <Cell className="font-mono text-faint text-xs" title={entry.hash}>
              {entry.hash.slice(0, 10)}
            </Cell>
          </Row>
        ))}
      </TableBody>
    </Table>
  );
}
