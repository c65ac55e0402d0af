import type { TaskRow } from "#db/tasks.ts";
import type { GuidelineChange, GuidelineContent } from "#domain/guideline.ts";
import { type ClassesAt, classesAt } from "#domain/migration.ts";
import type { ReasonCode } from "#domain/task.ts";

type Version = { readonly content: GuidelineContent; readonly changes: readonly GuidelineChange[] };

const REASONS: Readonly<Record<ReasonCode, string>> = {
  missed: "something missed",
  "class-confusion": "class confusion",
  "too-loose": "too loose",
  "too-tight": "too tight",
  "too-small": "too small",
  "not-evaluable": "not evaluable",
  artefact: "artefact",
  "guideline-silent": "guideline silent",
  "guideline-ambiguous": "guideline ambiguous",
  slip: "a slip",
};
/** More than this many changes or classes are counted instead of named. */
const NAMED = 3;

/** What a task is about, in a sentence; computed, so that a renamed class is called by its name. */
export function taskTitle({ scope, reason }: Pick<TaskRow, "scope" | "reason">, version: Version | null): string {
  switch (scope.kind) {
    case "migration":
      return [`Guideline v${scope.version}`, asked(version)].filter((part) => part !== "").join(": ");
    case "re-screen": {
      const names = scope.classIds.map((id) => namesIn(version)?.effectiveName(id) ?? id);
      return `Look again for ${listed(names)} (guideline v${scope.version})`;
    }
    case "rework": {
      const outlines = scope.annotationIds.length === 0 ? "a region" : counted(scope.annotationIds.length, "outline");
      return reason === null ? `Rework of ${outlines}` : `Rework of ${outlines}: ${REASONS[reason]}`;
    }
    case "adjudication":
      return `Adjudication of ${counted(scope.disputeKeys.length, "dispute")}`;
    case "repeat-read":
      return `Read ${counted(scope.regionIds.length, "region")} of the bridge set (guideline v${scope.version})`;
    case "requalify": {
      const name = namesIn(version)?.effectiveName(scope.classId) ?? scope.classId;
      return `Show that you can tell ${name} as it is now (guideline v${scope.version})`;
    }
    default:
      return scope satisfies never;
  }
}

/** Why a task ends that nobody finished: a later version asks instead, and by which changes. */
export function supersededBy(number: number, version: Version): string {
  const what = asked(version);
  return `Superseded by guideline version ${number}${what === "" ? "" : `: ${what}`}.`;
}

/** The changes of a version that can ask something about outlines that exist. */
function asked(version: Version | null): string {
  if (version === null) return "";
  return listed([...new Set(version.changes.flatMap((change) => changeTitle(change, version.content) ?? []))]);
}

/** What a change did, in a few words; null for one that asks nothing about outlines that exist. */
export function changeTitle(change: GuidelineChange, content: GuidelineContent): string | null {
  return sentence(change, classesAt(content).effectiveName);
}

function sentence(change: GuidelineChange, name: ClassesAt["effectiveName"]): string | null {
  if (change.kind === "merge") return `${listed(change.from.map(name))} merged into ${name(change.into)}`;
  if (!("classId" in change)) return null;
  if (change.kind === "split") return `split of ${name(change.classId)}`;
  const says = SAYS[change.kind];
  return says === undefined ? null : `${name(change.classId)} ${says}`;
}

/** What a change did to its class, for those that can ask something about outlines that exist. */
const SAYS: Readonly<Partial<Record<GuidelineChange["kind"], string>>> = {
  retire: "retired",
  narrow: "narrowed",
  broaden: "broadened",
  restore: "restored",
  redefine: "redefined",
  boundary: "drawn along another boundary",
  geometry: "drawn as another shape",
  abstract: "no longer drawn itself",
  limits: "with stricter rules",
  "attribute-add": "with another attribute",
  "attribute-restore": "with another attribute",
  "attribute-require": "with another attribute",
  "attribute-retype": "with another attribute",
  "value-add": "with another value",
  "value-split": "with another value",
  "value-retire": "with another value",
};

function namesIn(version: Version | null): ClassesAt | null {
  return version === null ? null : classesAt(version.content);
}

function listed(names: readonly string[]): string {
  if (names.length <= NAMED) return names.join(", ");
  return `${names.slice(0, NAMED).join(", ")} and ${names.length - NAMED} more`;
}

function counted(count: number, noun: string): string {
  return count === 1 ? `one ${noun}` : `${count} ${noun}s`;
}
