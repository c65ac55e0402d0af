import { ArrowLeft } from "lucide-react";
import type { Metadata } from "next";
import Link from "next/link";
import { differencesPath } from "#app/_components/consensus/queue-link.ts";
import { RecordClasses } from "#app/_components/consensus/record-classes.tsx";
import { RecordPlaces } from "#app/_components/consensus/record-places.tsx";
import { PageBody, PageHeader } from "#app/_components/shell/page.tsx";
import { RefusedPage } from "#app/_components/shell/refused.tsx";
import { Button } from "#app/_components/ui/button.tsx";
import { SegmentedLinks } from "#app/_components/ui/segmented-links.tsx";
import { attempt, load, loadMe } from "#app/_lib/server-api.ts";

const TITLE = "Reads beside the record";
export const metadata: Metadata = { title: TITLE };

type Props = {
  readonly params: Promise<{ projectId: string; roundId: string }>;
  readonly searchParams: Promise<{ reader?: string; cursor?: string }>;
};

export default async function RecordDifferencesPage({ params, searchParams }: Props) {
  const [{ projectId, roundId }, { reader, cursor }] = await Promise.all([params, searchParams]);
  const here = differencesPath(projectId, roundId, reader);
  const [me, rounds, guideline] = await Promise.all([
    loadMe(here),
    load(here, (api) => api.rounds.list(projectId)),
    load(here, (api) => api.guideline.get(projectId)),
  ]);
  const readers = rounds.find(({ id }) => id === roundId)?.readers ?? [];
  // A lead who did not read looks at the first who did.
  const wanted = reader ?? (readers.some(({ id }) => id === me.id) ? me.id : readers[0]?.id);
  const answer = await attempt(here, (api) => api.consensus.differences(roundId, { reader: wanted, cursor }));
  if (!answer.ok) return <RefusedPage title={TITLE} error={answer.error} />;
  const found = answer.value;
  const isMine = found.reader.id === me.id;
  const who = isMine ? "You" : found.reader.name;
  const classes = guideline.versions.at(-1)?.content.classes ?? [];
  return (
    <>
      <PageHeader
        title={isMine ? "Your reads beside the record" : `${found.reader.name}'s reads beside the record`}
        meta={found.round.name}
        actions={
          <Button asChild>
            <Link href={`/projects/${projectId}/consensus`}>
              <ArrowLeft aria-hidden /> Agreement
            </Link>
          </Button>
        }
      />
      <PageBody>
        {found.readers.length < 2 ? null : (
          <div className="scroll-thin overflow-x-auto">
            <SegmentedLinks
              label="Reader"
              value={found.reader.id}
              options={found.readers.map(({ id, name }) => ({
                value: id,
                label: name,
                href: differencesPath(projectId, roundId, id),
              }))}
            />
          </div>
        )}
        <RecordClasses projectId={projectId} found={found} classes={classes} who={who} />
        <RecordPlaces projectId={projectId} found={found} classes={classes} who={who} />
        {found.nextCursor === null ? null : (
          <Button asChild className="self-center">
            <Link href={`${differencesPath(projectId, roundId, found.reader.id)}&cursor=${found.nextCursor}`}>
              The next ones
            </Link>
          </Button>
        )}
      </PageBody>
    </>
  );
}
