import {
  BookOpenText,
  ClipboardList,
  Gauge,
  History,
  Images,
  type LucideIcon,
  PackageCheck,
  Scale,
  TrendingUp,
  UsersRound,
  Waypoints,
} from "lucide-react";
import { offers } from "#app/_lib/abilities.ts";
import type { Role } from "#client/answers.ts";
import type { Action } from "#domain/permissions.ts";

export type NavigationItem = {
  /** Segment after the project; empty for the overview. */
  readonly segment: string;
  readonly label: string;
  readonly icon: LucideIcon;
  /** Shown only to roles that may ever do this; without it to everybody. */
  readonly needs?: Action;
};

/** The pages of a project, in the order of the work. */
const PROJECT_PAGES: readonly NavigationItem[] = [
  { segment: "", label: "Overview", icon: Gauge },
  { segment: "slides", label: "Slides", icon: Images },
  { segment: "rounds", label: "Rounds", icon: Waypoints },
  { segment: "guideline", label: "Guideline", icon: BookOpenText },
  { segment: "tasks", label: "Tasks", icon: ClipboardList },
  { segment: "consensus", label: "Consensus", icon: Scale },
  { segment: "drift", label: "Drift", icon: TrendingUp, needs: "drift.view" },
  { segment: "releases", label: "Releases", icon: PackageCheck },
  { segment: "members", label: "Members", icon: UsersRound },
  { segment: "audit", label: "Audit", icon: History, needs: "audit.view" },
];

export function pagesFor(role: Role): readonly NavigationItem[] {
  return PROJECT_PAGES.filter((page) => page.needs === undefined || offers(role, page.needs));
}

export function projectPath(projectId: string, segment = ""): string {
  return segment === "" ? `/projects/${projectId}` : `/projects/${projectId}/${segment}`;
}

export type ViewerPlace = {
  readonly layer?: string | undefined;
  readonly task?: string | undefined;
  readonly round?: string | undefined;
  readonly dispute?: string | undefined;
  readonly annotation?: string | undefined;
  /** Looks through the touching outlines of the layer, from the group of this key or, for "1", from the first. */
  readonly dissolve?: string | undefined;
  /** Of the disputes only those of this class and kind. */
  readonly class?: string | undefined;
  readonly kind?: string | undefined;
  /** What else the queue of disputes was narrowed to. */
  readonly queue?: string | undefined;
  /** Corners of a place to look at, level-0 px: minX, minY, maxX, maxY. */
  readonly box?: readonly number[] | undefined;
};

/** Address of the viewer on a slide, opened at a layer, task, dispute, annotation or place. */
export function viewerPath(projectId: string, slideId: string, place: ViewerPlace = {}): string {
  const query = new URLSearchParams();
  for (const [key, value] of Object.entries(place)) if (value !== undefined) query.set(key, String(value));
  const text = query.toString();
  return `/projects/${projectId}/slides/${slideId}${text === "" ? "" : `?${text}`}`;
}
