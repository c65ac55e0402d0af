import { ArrowLeft, Download } from "lucide-react";
import type { Metadata } from "next";
import Link from "next/link";
import { type Printed, ReleaseExceptions } from "#app/_components/releases/exceptions.tsx";
import { fileWords } from "#app/_components/releases/file-words.ts";
import { PageBody, PageHeader } from "#app/_components/shell/page.tsx";
import { Time } from "#app/_components/time.tsx";
import { Badge } from "#app/_components/ui/badge.tsx";
import { Button } from "#app/_components/ui/button.tsx";
import { Card } from "#app/_components/ui/card.tsx";
import { CopyField } from "#app/_components/ui/copy-field.tsx";
import { DownloadText } from "#app/_components/ui/download-text.tsx";
import { Cell, HeadCell, Row, Table, TableBody, TableHead } from "#app/_components/ui/table.tsx";
import { offers } from "#app/_lib/abilities.ts";
import { bytes, plural } from "#app/_lib/format.ts";
import { load, loadProject } from "#app/_lib/server-api.ts";
import type { ReleaseDetail } from "#client/answers.ts";
import { releaseFileUrl } from "#client/api.ts";

export const metadata: Metadata = { title: "Release" };

type Props = { readonly params: Promise<{ projectId: string; releaseId: string }> };

/** The canonical text with line breaks, for reading; the hash is of the text without them. */
function readable(manifest: string): string {
  return JSON.stringify(JSON.parse(manifest), null, 2);
}

/** What the manifest says of classes and of what need not follow the guideline. */
function printedIn(manifest: string): Printed & { readonly classes: readonly { id: string; name: string }[] } {
  return { classes: [], waivers: [], leftOut: [], ...JSON.parse(manifest) };
}

export default async function ReleasePage({ params }: Props) {
  const { projectId, releaseId } = await params;
  const list = `/projects/${projectId}/releases`;
  const here = `${list}/${releaseId}`;
  const [project, slides, release, members] = await Promise.all([
    loadProject(projectId),
    load(here, (api) => api.slides.list(projectId)),
    load(here, (api) => api.releases.get(releaseId)),
    load(here, (api) => api.members.list(projectId)),
  ]);
  const printed = printedIn(release.manifest);
  const slideNames = new Map(slides.map((slide) => [slide.id, slide.name]));
  const exports = offers(project.role, "release.export");
  return (
    <>
      <PageHeader
        title={`${release.number}. ${release.name}`}
        meta={
          <>
            frozen by {release.createdBy.name}, <Time at={release.createdAt} exact />
          </>
        }
        actions={
          <>
            <Badge tone="outline">guideline v{release.guidelineNumber}</Badge>
            <Button asChild>
              <Link href={list}>
                <ArrowLeft aria-hidden /> All releases
              </Link>
            </Button>
          </>
        }
      />
      <PageBody>
        <Card
          title="Hash of the manifest"
          description="SHA-256 of its canonical text; the same data gives the same hash"
        >
          <CopyField value={release.hash} label="Hash of the manifest" />
        </Card>
        <ReleaseExceptions
          printed={printed}
          naming={{
            className: (id) => printed.classes.find((each) => each.id === id)?.name ?? "a retired class",
            slideName: (id) => slideNames.get(id) ?? "a slide",
            personName: (id) => members.find((each) => each.id === id)?.name ?? "somebody who left",
          }}
        />
        <FileTable release={release} exports={exports} slideNames={slideNames} />
        <Card
          title="Manifest"
          actions={exports ? <DownloadText name="manifest.json" text={release.manifest} /> : null}
          flush
        >
          <details>
            <summary className="px-4 py-2.5 text-accent-ink hover:underline">Show the text</summary>
            <pre className="scroll-thin max-h-[480px] overflow-auto border-t bg-canvas px-4 py-3 font-mono text-xs">
              {readable(release.manifest)}
            </pre>
          </details>
        </Card>
      </PageBody>
    </>
  );
}

function FileTable(props: {
  readonly release: ReleaseDetail;
  readonly exports: boolean;
  readonly slideNames: ReadonlyMap<string, string>;
}) {
  const { release } = props;
  return (
    <Card
      title="Files"
      description={`${plural(release.files.length, "file")}; GeoJSON opens in QuPath with names and colours`}
      flush
    >
      <Table>
        <TableHead>
          <tr>
            <HeadCell>What</HeadCell>
            <HeadCell>Path</HeadCell>
            <HeadCell className="text-right">Size</HeadCell>
            <HeadCell>SHA-256</HeadCell>
            <HeadCell>
              <span className="sr-only">Actions</span>
            </HeadCell>
          </tr>
        </TableHead>
        <TableBody>
          {release.files.map((file) => (
            <Row key={file.path}>
              <Cell className="font-medium">{fileWords(file.path, props.slideNames)}</Cell>
              <Cell className="max-w-80 truncate text-muted text-xs" title={file.path}>
                {file.path}
              </Cell>
              <Cell className="whitespace-nowrap text-right text-muted">{bytes(file.bytes)}</Cell>
              <Cell className="font-mono text-faint text-xs" title={file.sha256}>
                {file.sha256.slice(0, 12)}
              </Cell>
              <Cell className="text-right">
                {props.exports ? (
                  <Button asChild size="sm">
                    <a href={releaseFileUrl(release.id, file.path)} download>
                      <Download aria-hidden /> Download
                    </a>
                  </Button>
                ) : null}
              </Cell>
            </Row>
          ))}
        </TableBody>
      </Table>
    </Card>
  );
}
