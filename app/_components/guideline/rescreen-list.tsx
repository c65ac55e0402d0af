import { PersonName } from "#app/_components/ui/avatar.tsx";
import { Card } from "#app/_components/ui/card.tsx";
import { ClassName } from "#app/_components/ui/swatch.tsx";
import { Cell, HeadCell, Row, Table, TableBody, TableHead } from "#app/_components/ui/table.tsx";
import type { Preview } from "#client/answers.ts";
import type { GuidelineContent } from "#domain/guideline.ts";

/** Finished slides that somebody has to look through again. */
export function RescreenList({ preview, draft }: { readonly preview: Preview; readonly draft: GuidelineContent }) {
  if (preview.rescreens.length === 0) return null;
  return (
    <Card title="Slides to screen again" description="Finished reads that do not know the new or broader classes" flush>
      <Table>
        <TableHead>
          <tr>
            <HeadCell>Slide</HeadCell>
            <HeadCell>By</HeadCell>
            <HeadCell>For</HeadCell>
          </tr>
        </TableHead>
        <TableBody>
          {preview.rescreens.map((each) => {
            const person = preview.people.find((other) => other.id === each.personId);
            return (
              <Row key={`${each.layerId}-${each.personId}`}>
                <Cell>{preview.slides.find((slide) => slide.id === each.slideId)?.name}</Cell>
                <Cell>{person === undefined ? null : <PersonName name={person.name} colour={person.colour} />}</Cell>
                <Cell>
                  <span className="flex flex-wrap gap-x-4">
                    {draft.classes
                      .filter((definition) => each.classIds.includes(definition.id))
                      .map((definition) => (
                        <ClassName key={definition.id} name={definition.name} colour={definition.colour} />
                      ))}
                  </span>
                </Cell>
              </Row>
            );
          })}
        </TableBody>
      </Table>
    </Card>
  );
}
