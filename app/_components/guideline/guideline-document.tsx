import { Card } from "#app/_components/ui/card.tsx";
import { ClassName, Swatch } from "#app/_components/ui/swatch.tsx";
import { count, percent, plural } from "#app/_lib/format.ts";
import type { CropSlide } from "#client/crop.ts";
import type { AttributeDefinition, ClassDefinition, GuidelineContent } from "#domain/guideline.ts";
import { namingOf } from "./change-words.ts";
import { TEXT_FIELDS } from "./class-fields.ts";
import { treeOf } from "./class-tree.ts";
import { ExampleGallery } from "./example-gallery.tsx";
import { rulesSaid } from "./rule-words.ts";

/** A version as people read it: contents at the side, one section for each class. */
export function GuidelineDocument({
  content,
  slides,
}: {
  readonly content: GuidelineContent;
  /** For the pictures of examples. */
  readonly slides: ReadonlyMap<string, CropSlide>;
}) {
  const rows = treeOf(content.classes).filter((row) => !row.definition.retired);
  const retired = content.classes.filter((each) => each.retired);
  const { rules } = content;
  return (
    <div className="grid items-start gap-5 lg:grid-cols-[188px_minmax(0,1fr)]">
      <nav aria-label="Classes" className="flex flex-wrap gap-px lg:sticky lg:top-17 lg:flex-col lg:flex-nowrap">
        {rows.map(({ definition, depth }) => (
          <a
            key={definition.id}
            href={`#${definition.id}`}
            className="flex h-7.5 items-center gap-2 rounded-md px-2 hover:bg-hover"
            style={{ paddingLeft: `${8 + depth * 14}px` }}
          >
            <ClassName name={definition.name} colour={definition.colour} icon={definition.icon} />
            <kbd className="ml-auto font-sans text-2xs text-faint">{definition.hotkey}</kbd>
          </a>
        ))}
      </nav>
      <div className="flex min-w-0 flex-col gap-5">
        {content.introduction === "" ? null : (
          <p className="max-w-prose whitespace-pre-wrap text-base text-muted">{content.introduction}</p>
        )}
        <p className="text-faint text-xs">
          {plural(rules.readersPerCase, "reader")} per case · quorum {rules.quorum} ·{" "}
          {rules.exhaustive ? "exhaustive reading" : "reading of examples"} · disputes from {count(rules.minDisputeUm2)}{" "}
          µm²
        </p>
        {rows.map(({ definition }) => (
          <ClassSection key={definition.id} definition={definition} content={content} slides={slides} />
        ))}
        {retired.length === 0 ? null : (
          <Card title="Retired" description="Kept for what was drawn under them; can no longer be drawn.">
            <ul className="flex flex-wrap gap-x-5 gap-y-1.5">
              {retired.map((each) => (
                <li key={each.id}>
                  <ClassName name={each.name} colour={each.colour} retired />
                </li>
              ))}
            </ul>
          </Card>
        )}
      </div>
    </div>
  );
}

function ClassSection({
  definition,
  content,
  slides,
}: {
  readonly definition: ClassDefinition;
  readonly content: GuidelineContent;
  readonly slides: ReadonlyMap<string, CropSlide>;
}) {
  const texts = TEXT_FIELDS.filter((field) => definition[field.key] !== "");
  const lookAlikes = content.classes.filter((each) => !each.retired && definition.lookAlikes.includes(each.id));
  const rules = rulesSaid(content, definition.id, namingOf(content));
  const attributes = definition.attributes.filter((each) => !each.retired);
  return (
    <section id={definition.id} className="scroll-mt-17 overflow-hidden rounded-lg border bg-panel shadow-soft">
      <header className="flex min-h-11 flex-wrap items-center gap-x-2.5 gap-y-1 border-b px-4 py-2">
        <Swatch colour={definition.colour} icon={definition.icon} className="size-4" />
        <h2 className="font-semibold text-base">{definition.name}</h2>
        {definition.hotkey === null ? null : (
          <kbd className="grid size-5 place-items-center rounded border bg-canvas font-sans text-2xs text-muted">
            {definition.hotkey}
          </kbd>
        )}
        <span className="ml-auto text-faint text-xs">{factsOf(definition).join(" · ")}</span>
      </header>
      <dl className="grid grid-cols-[88px_minmax(0,1fr)] gap-x-3 gap-y-2.5 p-4">
        {texts.length === 0 ? <dd className="col-span-2 text-faint">No words yet.</dd> : null}
        {texts.map((field) => (
          <div key={field.key} className="contents">
            <dt className="text-faint text-xs leading-5">{field.label}</dt>
            <dd className="max-w-prose whitespace-pre-wrap">{definition[field.key]}</dd>
          </div>
        ))}
        {lookAlikes.length === 0 ? null : (
          <>
            <dt className="text-faint text-xs leading-5">Look-alikes</dt>
            <dd className="flex flex-wrap gap-x-4 gap-y-1">
              {lookAlikes.map((each) => (
                <a key={each.id} href={`#${each.id}`} className="hover:underline">
                  <ClassName name={each.name} colour={each.colour} />
                </a>
              ))}
            </dd>
          </>
        )}
        {attributes.length === 0 ? null : (
          <>
            <dt className="text-faint text-xs leading-5">Attributes</dt>
            <dd>
              <ul className="flex flex-col gap-1">
                {attributes.map((each) => (
                  <Attribute key={each.id} attribute={each} />
                ))}
              </ul>
            </dd>
          </>
        )}
        {rules.length === 0 ? null : (
          <>
            <dt className="text-faint text-xs leading-5">Rules</dt>
            <dd className="max-w-prose text-muted">{rules.join(" · ")}</dd>
          </>
        )}
      </dl>
      <ExampleGallery definition={definition} slides={slides} className="px-4 pb-4" />
    </section>
  );
}

/** What is said of an outline besides its shape, and how. */
function Attribute({ attribute }: { readonly attribute: AttributeDefinition }) {
  const { name, kind, unit, help, required, values } = attribute;
  const open = values.filter(({ retired }) => !retired).map((value) => value.name);
  const how =
    kind === "choice" ? open.join(", ") : kind === "number" ? `a number${unit === null ? "" : ` in ${unit}`}` : "words";
  return (
    <li>
      <span className="font-medium">{name}</span>
      {required ? <span className="text-warn-ink text-xs"> has to be given</span> : null}
      <span className="text-muted">: {how}</span>
      {help === "" ? null : <span className="block text-faint text-xs">{help}</span>}
    </li>
  );
}

function factsOf(definition: ClassDefinition): string[] {
  return [
    ...(definition.abstract ? ["holds others together, is not drawn"] : [definition.geometry.join(", ")]),
    ...(definition.targetShare === null ? [] : [`target ${percent(definition.targetShare)}`]),
  ];
}
