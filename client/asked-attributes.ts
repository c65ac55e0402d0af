import { isValueOf, missingAttributes } from "#domain/guideline/attribute-values.ts";
import type { AttributeDefinition, AttributeValue, ClassDefinition } from "#domain/guideline.ts";
import type { Answer } from "#domain/task.ts";
import type { TaskItem } from "./answers.ts";

/** An attribute to be said about an outline. */
export type AskedAttribute = {
  readonly definition: AttributeDefinition;
  /** Values to choose from; none where a number or words are asked for. */
  readonly choices: readonly AttributeValue[];
  /** What is there may stand. */
  readonly mayStay: boolean;
};

type Asked = Pick<TaskItem, "questions" | "attributes">;

/** What has to be said to keep an item in its class, in the order of the guideline. */
export function askedOnKeep({ questions }: Asked, { attributes }: ClassDefinition): readonly AskedAttribute[] {
  return attributes.flatMap((definition): AskedAttribute[] => {
    const asked = questions.flatMap(({ attribute }) => (attribute?.attributeId === definition.id ? [attribute] : []));
    if (asked.length === 0) return [];
    const demanded = asked.find(({ mayStay }) => !mayStay);
    const offered = demanded ?? asked[0];
    const open = definition.values.filter(({ retired }) => !retired);
    const among = open.filter(({ id }) => offered?.values.includes(id));
    const mayStay = demanded === undefined;
    return [{ definition, choices: among.length > 0 && !mayStay ? among : open, mayStay }];
  });
}

/** What has to be said to give an item a class. */
export function askedOnChoice({ attributes }: Pick<TaskItem, "attributes">, chosen: ClassDefinition) {
  return missingAttributes(chosen, attributes).map(
    (definition): AskedAttribute => ({
      definition,
      choices: definition.values.filter(({ retired }) => !retired),
      mayStay: false,
    }),
  );
}

/** The class that "cannot tell" leads to; null where a lead decides. */
export function fallbackOf({ questions }: Pick<TaskItem, "questions">): string | null {
  return questions.find(({ fallback }) => fallback !== null)?.fallback ?? null;
}

/** What has to be said beside an answer before it can be given. */
export function askedFor(
  answer: Answer,
  item: Asked & Pick<TaskItem, "classId">,
  byId: ReadonlyMap<string, ClassDefinition>,
): readonly AskedAttribute[] {
  const given = answer.verdict === "cannot-tell" ? fallbackOf(item) : null;
  const definition = byId.get(answer.verdict === "choose" ? answer.classId : (given ?? item.classId));
  if (definition === undefined) return [];
  if (answer.verdict === "choose" || given !== null) return askedOnChoice(item, definition);
  return answer.verdict === "keep" ? askedOnKeep(item, definition) : [];
}

/** The first that still has to be said; null where nothing has to. */
export function firstUnsaid(
  asked: readonly AskedAttribute[],
  said: Readonly<Record<string, string>>,
): AskedAttribute | null {
  return asked.find(({ definition, mayStay }) => !mayStay && !isValueOf(definition, said[definition.id] ?? "")) ?? null;
}

/** An answer with what was said beside it. */
export function withAttributes(answer: Answer, said: Readonly<Record<string, string>>): Answer {
  const says = answer.verdict !== "delete" && Object.keys(said).length > 0;
  return says ? { ...answer, attributes: said } : answer;
}
