import { Card } from "#app/_components/ui/card.tsx";
import { ClassName, Swatch } from "#app/_components/ui/swatch.tsx";
import { count, percent, plural } from "#app/_lib/format.ts";
import type { CropSlide } from "#client/crop.ts";
import type { ClassDefinition, GuidelineContent } from "#domain/guideline.ts";
import { TEXT_FIELDS } from "./class-fields.ts";
import { treeOf } from "./class-tree.ts";
import { ExampleGallery } from "./example-gallery.tsx";

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
    <div className="grid items-start gap-5 md:grid-cols-[188px_minmax(0,1fr)]">
      <nav aria-label="Classes" className="sticky top-17 flex flex-col gap-px">
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
  const lookAlikes = content.classes.filter((each) => definition.lookAlikes.includes(each.id));
  return (
    <section id={definition.id} className="scroll-mt-17 overflow-hidden rounded-lg border bg-panel shadow-soft">
      <header className="flex min-h-11 items-center gap-2.5 border-b px-4">
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
      </dl>
      <ExampleGallery definition={definition} slides={slides} className="px-4 pb-4" />
    </section>
  );
}

function factsOf(definition: ClassDefinition): string[] {
  return [
    definition.geometry.join(", "),
    ...(definition.minAreaUm2 === null ? [] : [`from ${count(definition.minAreaUm2)} µm²`]),
    ...(definition.targetShare === null ? [] : [`target ${percent(definition.targetShare)}`]),
    ...(definition.backgroundAllowed ? ["may hold glass"] : []),
  ];
}
