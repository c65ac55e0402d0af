import { PageSkeleton } from "#app/_components/shell/page-skeleton.tsx";

export default function Loading() {
  return <PageSkeleton />;
}
