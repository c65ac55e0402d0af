import { PageSkeleton } from "#app/_components/shell/page-skeleton.tsx";

/** The first look at a slide's consensus may have to compute it. */
export default function Loading() {
  return <PageSkeleton />;
}
