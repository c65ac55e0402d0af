import { viewerPath } from "#app/_components/shell/navigation.ts";
import { ViewerLink } from "#app/_components/shell/viewer-link.tsx";
import { PersonName } from "#app/_components/ui/avatar.tsx";
import { Cell, HeadCell, Row, Table, TableBody, TableHead } from "#app/_components/ui/table.tsx";
import type { PersonRef, Round } from "#client/answers.ts";
import { ReadCell } from "./read-cell.tsx";

type Props = {
  readonly projectId: string;
  readonly round: Round;
  readonly meId: string;
  readonly reopens: boolean;
};

const TEAM: PersonRef = { id: "team", name: "All together", colour: "#6b7480" };

/** Slides by readers: who has submitted what. A round drawn together has one column, the team. */
export function RoundMatrix({ projectId, round, meId, reopens }: Props) {
  const isTeam = round.mode === "together";
  const columns = isTeam ? [TEAM] : round.readers;
  const readOf = (slideId: string, column: PersonRef) =>
    round.reads.find(
      (read) => read.slideId === slideId && (isTeam ? read.readerId === null : read.readerId === column.id),
    );
  return (
    <Table>
      <TableHead>
        <tr>
          <HeadCell className="w-72">Slide</HeadCell>
          {columns.map((column) => (
            <HeadCell key={column.id} className="text-ink">
              {isTeam ? (
                <span className="text-muted">
                  Drawn together by {round.readers.map((reader) => reader.name).join(", ")}
                </span>
              ) : (
                <PersonName
                  name={column.name}
                  colour={column.colour}
                  {...(column.id === meId ? { label: "You" } : {})}
                />
              )}
            </HeadCell>
          ))}
        </tr>
      </TableHead>
      <TableBody>
        {round.slides.map((slide) => (
          <Row key={slide.id}>
            <Cell>
              <span className="flex max-w-80 items-baseline gap-2">
                <ViewerLink
                  href={viewerPath(projectId, slide.id, { round: round.id })}
                  className="whitespace-nowrap font-medium hover:text-accent-ink hover:underline"
                >
                  {slide.name}
                </ViewerLink>
                <span className="truncate text-faint text-xs">{slide.caseName}</span>
              </span>
            </Cell>
            {columns.map((column) => (
              <Cell key={column.id}>
                <ReadCell
                  projectId={projectId}
                  href={viewerPath(projectId, slide.id, {
                    round: round.id,
                    layer: readOf(slide.id, column)?.layerId,
                  })}
                  read={readOf(slide.id, column) ?? null}
                  who={column.id === meId ? "you" : column.name}
                  slideName={slide.name}
                  reopens={reopens}
                  absent={round.repeats !== null}
                />
              </Cell>
            ))}
          </Row>
        ))}
      </TableBody>
    </Table>
  );
}
