import Link from "next/link";
import { projectPath } from "#app/_components/shell/navigation.ts";
import { Thumbnail } from "#app/_components/slides/thumbnail.tsx";
import type { Trial } from "#client/answers.ts";

/** The slides of a trial; a press opens the viewer with the draft's classes. */
export function TrialSlides(props: { readonly projectId: string; readonly trial: Trial; readonly draws: boolean }) {
  const { trial } = props;
  const path = `${projectPath(props.projectId, "guideline/trials")}/${trial.id}/slides`;
  return (
    <ul className="grid grid-cols-[repeat(auto-fill,minmax(180px,1fr))] gap-4">
      {trial.slides.map((slide) => (
        <li key={slide.id} className="relative rounded-lg border p-2 transition-colors hover:border-line-strong">
          <Thumbnail url={slide.thumbnailUrl} className="aspect-[4/3] w-full" />
          <p className="mt-2 flex items-center justify-between gap-2">
            <Link href={`${path}/${slide.id}`} className="truncate font-medium after:absolute after:inset-0">
              {slide.name}
            </Link>
            <span className="shrink-0 text-accent-ink text-xs">
              {trial.endedAt === null && props.draws ? "Draw" : "Look"}
            </span>
          </p>
        </li>
      ))}
    </ul>
  );
}
