import { attributeSchema } from "#domain/guideline/attribute.ts";
import { classRulesSchema } from "#domain/guideline/rules.ts";
import {
  blankClass,
  type ClassDefinition,
  type Declaration,
  type GuidelineContent,
  studyRules,
} from "#domain/guideline.ts";
import { type ClassId, classId } from "#domain/ids.ts";
import type { SyntheticLabel } from "#server/slides/synthetic/regions.ts";

/** Class ids of the demo guideline are fixed, so that its texts can be read beside each other here. */
const ID = {
  Stroma: classId.parse("demostroma"),
  Tumour: classId.parse("demotumour"),
  Necrosis: classId.parse("demonecrosis"),
  Gland: classId.parse("demogland"),
  "Lymphoid aggregate": classId.parse("demolymphoid"),
  Adipose: classId.parse("demoadipose"),
  "Vascular invasion": classId.parse("demovascular"),
} as const satisfies Record<SyntheticLabel, ClassId>;
const FOLLICLE = classId.parse("demofollicle");
const INFILTRATE = classId.parse("demoinfiltrate");

export function demoClassId(label: string): ClassId | null {
  const found = Object.entries(ID).find(([name]) => name === label);
  return found === undefined ? null : found[1];
}

type Text = Pick<ClassDefinition, "name" | "colour" | "definition"> & Partial<ClassDefinition>;

function define(id: ClassId, hotkey: number | null, text: Text): ClassDefinition {
  return { ...blankClass({ id, ...text }), hotkey, ...text };
}

const CLASSES: readonly ClassDefinition[] = [
  define(ID.Tumour, 1, {
    name: "Tumour",
    colour: "#c2255c",
    definition:
      "Nests and sheets of invasive carcinoma cells with the stroma between them where it is narrower than a nest.",
    include: "Single-file strands and small clusters at the invasive front.",
    exclude: "Necrosis inside a nest (outline it as Necrosis on top); benign glands.",
    boundary: "Along the outermost tumour cells; no rim of stroma or glass.",
    whenUnsure: "Outline it and say so in the note; do not leave it out.",
    lookAlikes: [ID.Gland, ID["Vascular invasion"]],
    minAreaUm2: 2_000,
    targetShare: 0.3,
    ontology: [{ system: "SNOMED CT", code: "367651003", label: "Malignant neoplasm" }],
    attributes: [
      attributeSchema.parse({
        id: "demogrowth",
        name: "Growth",
        kind: "choice",
        help: "How the cells stand together in most of the outline.",
        values: [
          { id: "demosolid", name: "solid" },
          { id: "demoglandular", name: "glandular" },
          { id: "demosinglefile", name: "single file" },
        ],
      }),
    ],
  }),
  define(ID.Necrosis, 2, {
    name: "Necrosis",
    colour: "#7048e8",
    definition: "Eosinophilic debris without nuclear detail, most often in the middle of a tumour nest.",
    include: "Ghost outlines of cells and nuclear dust.",
    exclude: "Oedema, haemorrhage and crush artefact.",
    boundary: "Where the first intact nuclei stand.",
    minAreaUm2: 1_000,
    rules: classRulesSchema.parse({ overlaps: [ID.Tumour] }),
    targetShare: 0.1,
  }),
  define(ID.Gland, 3, {
    name: "Gland",
    colour: "#1971c2",
    definition: "Benign gland with a lumen and a basal row of nuclei.",
    include: "The lumen, also where it is empty.",
    exclude: "Back-to-back glands without intervening stroma (Tumour).",
    boundary: "Along the basement membrane; the lumen is part of the gland.",
    lookAlikes: [ID.Tumour],
    backgroundAllowed: true,
    targetShare: 0.2,
  }),
  define(ID["Lymphoid aggregate"], 4, {
    name: "Lymphoid aggregate",
    colour: "#0b7285",
    definition: "Dense collection of small lymphocytes with dark round nuclei.",
    include: "Aggregates with and without a germinal centre.",
    exclude: "Scattered lymphocytes in stroma.",
    boundary: "Where density falls to that of the stroma around it.",
    whenUnsure: "Fewer than about 50 cells in one group: leave it to Stroma.",
    targetShare: 0.15,
  }),
  define(ID.Adipose, 5, {
    name: "Adipose",
    colour: "#e67700",
    definition: "Mature fat: clear vacuoles with thin walls.",
    boundary: "Around the outer vacuoles.",
    exclude: "Single fat cells in stroma.",
    backgroundAllowed: true,
    targetShare: 0.1,
  }),
  define(ID.Stroma, 6, {
    name: "Stroma",
    colour: "#2f9e44",
    definition: "Fibrous connective tissue with fibroblasts and small vessels.",
    exclude: "Stroma narrower than a nest between tumour nests.",
    targetShare: 0.1,
  }),
  define(ID["Vascular invasion"], 7, {
    name: "Vascular invasion",
    colour: "#e03131",
    definition: "Tumour cells inside a vessel that has a wall and a lining. Rare: look for it on every slide.",
    include: "The vessel's wall and what lies in it.",
    exclude: "Retraction around a nest, which has no lining.",
    boundary: "Along the outer wall of the vessel.",
    lookAlikes: [ID.Tumour],
    targetShare: 0.05,
  }),
];

const INTRODUCTION =
  "What a model is to learn from these slides: seven tissues, outlined as regions. Outline whole structures at their own border; the rare class is wanted most.";

/** The first version: seven classes. */
export const FIRST_GUIDELINE: GuidelineContent = {
  introduction: INTRODUCTION,
  classes: [...CLASSES],
  rules: studyRules({ exhaustive: false, readersPerCase: 3, quorum: 2, minDisputeUm2: 4_000 }),
};

/** Place of the class that the second version splits: its parts stand where it stood. */
const BEFORE_LYMPHOID = CLASSES.findIndex((each) => each.id === ID["Lymphoid aggregate"]);

/** The second: lymphoid aggregates are told apart by what they are, and necrosis is worded more narrowly. */
export const SECOND_GUIDELINE: GuidelineContent = {
  ...FIRST_GUIDELINE,
  classes: [
    ...CLASSES.slice(0, BEFORE_LYMPHOID).map(changed),
    define(FOLLICLE, 4, {
      name: "Lymphoid follicle",
      colour: "#1098ad",
      definition: "Round aggregate with a paler germinal centre and a mantle around it.",
      include: "Mantle and germinal centre together.",
      boundary: "Outer edge of the mantle.",
      lookAlikes: [INFILTRATE],
      targetShare: 0.08,
    }),
    define(INFILTRATE, 8, {
      name: "Lymphocytic infiltrate",
      colour: "#66a80f",
      definition: "Dense lymphocytes without a germinal centre.",
      exclude: "Follicles; scattered lymphocytes.",
      boundary: "Where density falls to that of the stroma around it.",
      lookAlikes: [FOLLICLE],
      targetShare: 0.07,
    }),
    ...CLASSES.slice(BEFORE_LYMPHOID).map(changed),
  ],
};

function changed(definition: ClassDefinition): ClassDefinition {
  if (definition.id === ID["Lymphoid aggregate"]) return { ...definition, retired: true, hotkey: null };
  if (definition.id !== ID.Necrosis) return definition;
  return { ...definition, exclude: "Oedema, haemorrhage, crush artefact, and secretion in the lumen of a gland." };
}

export const SECOND_DECLARATIONS: Declaration[] = [
  {
    kind: "split",
    classId: ID["Lymphoid aggregate"],
    into: [FOLLICLE, INFILTRATE],
    fallback: INFILTRATE,
    guide: "A paler round centre with a darker mantle is a follicle. Dark all through is an infiltrate.",
  },
  { kind: "narrow", classId: ID.Necrosis },
];

export const SECOND_NOTE =
  "Follicles and infiltrates mean different things for prognosis, so they are told apart. Secretion was taken for necrosis in the first round.";

/** The first guideline with other words for one class, which mean the same. */
export const REWORDED: GuidelineContent = {
  ...FIRST_GUIDELINE,
  classes: FIRST_GUIDELINE.classes.map((each) =>
    each.id === ID.Tumour
      ? {
          ...each,
          definition: "Invasive carcinoma: nests, sheets, strands and glands of tumour cells, with narrow stroma.",
        }
      : each,
  ),
};
export const REWORDED_DECLARATIONS: Declaration[] = [{ kind: "reword", classId: ID.Tumour }];
export const REWORDED_NOTE = "Tumour in clearer words; the same is meant.";
