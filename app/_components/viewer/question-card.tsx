"use client";

import { TEXT_FIELDS } from "#app/_components/guideline/class-fields.ts";
import { TextChange } from "#app/_components/guideline/text-change.tsx";
import { ClassName } from "#app/_components/ui/swatch.tsx";
import type { TaskQuestion } from "#client/answers.ts";
import { effectiveRules } from "#domain/guideline/effective.ts";
import type { ClassDefinition, GuidelineVersion } from "#domain/guideline.ts";
import { classId } from "#domain/ids.ts";
import { QuestionExamples } from "./question-examples.tsx";
import { useVisit } from "./session.tsx";

/** Other advice asks nobody to look at anything. */
const PARTS = TEXT_FIELDS.filter(({ key }) => key !== "whenUnsure");

/** What is asked about an outline: what changed, with the old and the new wording side by side. */
export function QuestionCard(props: {
  readonly question: TaskQuestion;
  readonly versions: readonly GuidelineVersion[];
}) {
  const { question, versions } = props;
  const { projectId } = useVisit();
  const before = classAt(versions, question.version - 1, question.classId);
  const after = classAt(versions, question.version, question.classId);
  const changed = PARTS.filter(({ key }) => before !== undefined && after !== undefined && before[key] !== after[key]);
  return (
    <section className="rounded-lg border bg-sunken" data-testid="question">
      <h3 className="border-b px-3 py-2 font-medium text-sm">{sentence(question, versions)}</h3>
      {question.change.kind === "split" && question.change.guide !== "" ? (
        <p className="border-b px-3 py-2 text-muted text-xs">{question.change.guide}</p>
      ) : null}
      {before !== undefined && after !== undefined && changed.length > 0 ? (
        <div className="grid grid-cols-2 divide-x text-xs">
          <Wording
            title={`Version ${question.version - 1}`}
            parts={changed.map(({ key, label }) => ({ label, text: before[key] }))}
          />
          <div className="px-3 py-2">
            <p className="mb-1 text-2xs text-faint">Version {question.version}</p>
            {changed.map(({ key, label }) => (
              <div key={key} className="mb-1.5">
                <p className="text-2xs text-faint">{label}</p>
                <TextChange before={before[key]} after={after[key]} />
              </div>
            ))}
          </div>
        </div>
      ) : before === undefined ? null : (
        <div className="px-3 py-2 text-xs">
          <p className="text-2xs text-faint">
            {before.name}, version {question.version - 1}
          </p>
          <p>{before.definition}</p>
        </div>
      )}
      {after === undefined ? null : <QuestionExamples projectId={projectId} definition={after} />}
    </section>
  );
}

function Wording(props: {
  readonly title: string;
  readonly parts: readonly { readonly label: string; readonly text: string }[];
}) {
  return (
    <div className="px-3 py-2">
      <p className="mb-1 text-2xs text-faint">{props.title}</p>
      {props.parts.map(({ label, text }) => (
        <div key={label} className="mb-1.5">
          <p className="text-2xs text-faint">{label}</p>
          <p className="whitespace-pre-wrap text-muted">{text === "" ? "—" : text}</p>
        </div>
      ))}
    </div>
  );
}

/** A class to choose from, with what the newest version says about it. */
export function OptionText({ definition }: { readonly definition: ClassDefinition | undefined }) {
  if (definition === undefined) return <span className="text-faint">unknown class</span>;
  return (
    <span className="min-w-0 flex-1 text-left">
      <ClassName name={definition.name} colour={definition.colour} className="font-medium" />
      <span className="line-clamp-3 whitespace-normal text-2xs text-muted leading-4">{definition.definition}</span>
    </span>
  );
}

function classAt(versions: readonly GuidelineVersion[], number: number, classId: string): ClassDefinition | undefined {
  return versions.find((each) => each.number === number)?.content.classes.find(({ id }) => id === classId);
}

function sentence(question: TaskQuestion, versions: readonly GuidelineVersion[]): string {
  const { change, classId, version } = question;
  const definition = classAt(versions, version - 1, classId) ?? classAt(versions, version, classId);
  const name = definition?.name ?? "This class";
  if (question.limit?.other === null) return limitSentence(question.limit.rule, classId, versions);
  switch (change.kind) {
    case "split":
      return `${name} was split. Which is this?`;
    case "retire":
      return `${name} was retired. What is this now?`;
    case "narrow":
      return `${name} was narrowed. Does this still belong to it?`;
    case "broaden":
      return `A neighbour of ${name} was broadened. Does this still belong to ${name}?`;
    default:
      return "attributeId" in change
        ? attributeSentence(change, classAt(versions, version, classId) ?? definition)
        : `${name} changed. Look at this again.`;
  }
}

/** What the newest version asks of an outline of a class, which this one does not satisfy. */
function limitSentence(rule: string, of: string, versions: readonly GuidelineVersion[]): string {
  const content = versions.at(-1)?.content;
  const definition = content?.classes.find(({ id }) => id === of);
  const rules = content === undefined ? null : effectiveRules(content, classId.parse(of));
  const name = definition?.name ?? "This class";
  if (definition === undefined || rules === null) return `${name} changed. Look at this again.`;
  switch (rule) {
    case "minAreaUm2":
      return `${name} has at least ${rules.minAreaUm2 ?? 0} µm². This is smaller.`;
    case "maxAreaUm2":
      return `${name} has at most ${rules.maxAreaUm2 ?? 0} µm². This is larger.`;
    case "fieldOfView": {
      const { count = 0, sideUm = 0 } = rules.fieldOfView ?? {};
      return `${name} needs room for ${count} ${count === 1 ? "field" : "fields"} of view of ${sideUm} µm. This outline has less.`;
    }
    case "nestedIn": {
      const inside = rules.nestedIn.map((id) => content?.classes.find((each) => each.id === id)?.name ?? id);
      return `${name} has to lie inside ${inside.join(" or ")}. This does not.`;
    }
    case "geometry":
      return `${name} is drawn as ${definition.geometry.join(" or ")}. This is not; draw it again.`;
    default:
      return `${name} has stricter rules. Look at this again.`;
  }
}

type AttributeChange = Extract<TaskQuestion["change"], { readonly attributeId: unknown }>;

function attributeSentence(change: AttributeChange, definition: ClassDefinition | undefined): string {
  const attribute = definition?.attributes.find(({ id }) => id === change.attributeId);
  const name = attribute?.name ?? "An attribute";
  const valueName = (id: string) => attribute?.values.find((each) => each.id === id)?.name ?? "a value";
  switch (change.kind) {
    case "attribute-retype":
      return `${name} is measured in another way. What is it here?`;
    case "value-split":
      return `${name}: ${valueName(change.value)} was split. Which is this?`;
    case "value-retire":
      return `${name}: ${valueName(change.value)} is no longer a choice. What is this now?`;
    case "value-add":
      return `${name}: ${valueName(change.value)} is new. Is this rather that?`;
    default:
      return `${name} has to be said. What is it here?`;
  }
}
