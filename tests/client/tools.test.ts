import fc from "fast-check";
import { expect, test } from "vitest";
import { brushTool, eraserTool } from "#client/tools/brush.ts";
import { editTool } from "#client/tools/edit.ts";
import { freehandTool } from "#client/tools/freehand.ts";
import { areaText, lengthText } from "#client/tools/outline.ts";
import { pointTool } from "#client/tools/point.ts";
import { polygonTool } from "#client/tools/polygon.ts";
import { rectangleTool } from "#client/tools/rectangle.ts";
import { rulerTool } from "#client/tools/ruler.ts";
import { selectTool } from "#client/tools/select.ts";
import type { Geometry, Point } from "#domain/annotation.ts";
import { polygonsOf } from "#domain/annotation.ts";
import { containsPoint, geometryArea, isSimple } from "#domain/geometry.ts";
import { normalise } from "#domain/overlay.ts";
import { aClassId, anAnnotationId } from "#tests/support/builders.ts";
import { square } from "#tests/support/outlines.ts";
import { click, drag, holesOf, point, toolBench } from "#tests/support/tool-host.ts";

const CORNERS: readonly Point[] = [
  [0, 0],
  [100, 0],
  [100, 100],
  [0, 100],
];

function circle([x, y]: Point, radius: number, steps = 80): Point[] {
  return Array.from({ length: steps }, (_, index): Point => {
    const angle = (2 * Math.PI * index) / steps;
    return [x + radius * Math.cos(angle), y + radius * Math.sin(angle)];
  });
}

const holed: Geometry = {
  type: "polygon",
  rings: [square(0, 0, 200), square(80, 80, 40)].flatMap((each) => polygonsOf(each)[0] ?? []),
};

test("[DRW1] corners by click become an outline of the active class when Enter, a double click or the first corner closes them", () => {
  const closes: readonly ((tool: ReturnType<typeof polygonTool>) => void)[] = [
    (tool) => tool.key({ key: "Enter", shift: false }),
    (tool) => {
      click(tool, [0, 100]);
      point(tool, "double", [0, 100]);
    },
    (tool) => click(tool, [3, 2]),
  ];
  for (const close of closes) {
    const bench = toolBench();
    const tool = polygonTool(bench.host);
    for (const corner of CORNERS) click(tool, corner);
    close(tool);
    expect(bench.sole()).toMatchObject({ classId: aClassId("a"), under: 3 });
    expect(geometryArea(bench.sole().geometry)).toBe(10_000);
    expect(tool.sketch()).toEqual({});
  }
});

test("[DRW20] an outline that is set corner by corner is under way from its first corner until it is closed or given up", () => {
  const bench = toolBench();
  const tool = polygonTool(bench.host);
  expect(tool.unfinished?.()).toBe(false);
  click(tool, [0, 0]);
  expect(tool.unfinished?.()).toBe(true);
  for (const corner of CORNERS) click(tool, corner);
  tool.key({ key: "Enter", shift: false });
  expect(tool.unfinished?.()).toBe(false);
  click(tool, [0, 0]);
  tool.key({ key: "Escape", shift: false });
  expect(tool.unfinished?.()).toBe(false);
});

test("[DRW2] Backspace takes back the last corner, Escape all of them", () => {
  const bench = toolBench();
  const tool = polygonTool(bench.host);
  for (const corner of [...CORNERS, [400, 400] as const]) click(tool, corner);
  expect(tool.key({ key: "Backspace", shift: false })).toBe(true);
  tool.key({ key: "Enter", shift: false });
  expect(geometryArea(bench.sole().geometry)).toBe(10_000);
  click(tool, [0, 0]);
  expect(tool.key({ key: "Escape", shift: false })).toBe(true);
  expect(tool.key({ key: "Enter", shift: false })).toBe(false);
  expect(bench.all()).toHaveLength(1);
});

test("[DRW3] whatever a hand draws is stored as a valid outline on the grid, or not at all", () => {
  const at = fc.tuple(fc.integer({ min: 0, max: 400 }), fc.integer({ min: 0, max: 400 }));
  fc.assert(
    fc.property(
      fc.array(at, { minLength: 1, maxLength: 40 }),
      fc.constantFrom(freehandTool, brushTool),
      (path, make) => {
        const bench = toolBench();
        drag(make(bench.host), path);
        for (const { geometry } of bench.all()) {
          expect(normalise(geometry)).toEqual(geometry);
          for (const ring of polygonsOf(geometry).flat()) expect(isSimple(ring)).toBe(true);
        }
      },
    ),
    { numRuns: 60 },
  );
});

test("[DRW3] a loop that crosses itself has no hole", () => {
  const bench = toolBench();
  drag(freehandTool(bench.host), [...circle([100, 100], 80), ...circle([100, 100], 40).toReversed()]);
  for (const { geometry } of bench.all()) expect(holesOf(geometry)).toBe(0);
  expect(bench.all()).toHaveLength(1);
});

test("[DRW4] nothing smaller than a few pixels of the screen is stored, and the person is told", () => {
  const bench = toolBench({ scale: 0.01 });
  const tool = polygonTool(bench.host);
  for (const corner of CORNERS) point(tool, "down", corner);
  const far = toolBench({ scale: 4 });
  drag(rectangleTool(far.host), [
    [0, 0],
    [1, 1],
  ]);
  expect([...bench.all(), ...far.all()]).toEqual([]);
  const small = toolBench({ scale: 0.02 });
  drag(freehandTool(small.host), circle([500, 500], 90, 12));
  expect(small.all()).toEqual([]);
});

test("[DRW5] a brush stroke that meets an outline of its class grows it; another is a new outline", () => {
  const bench = toolBench();
  bench.put("one", square(0, 0, 100));
  const tool = brushTool(bench.host);
  drag(tool, [
    [90, 50],
    [160, 50],
  ]);
  expect(bench.sole().id).toBe(anAnnotationId("one"));
  expect(containsPoint(bench.sole().geometry, [170, 50])).toBe(true);
  drag(tool, [
    [400, 400],
    [440, 400],
  ]);
  expect(bench.all()).toHaveLength(2);
});

test("[DRW5] an outline of another class is left alone", () => {
  const bench = toolBench();
  bench.put("one", square(0, 0, 100), "b");
  drag(brushTool(bench.host), [
    [50, 50],
    [160, 50],
  ]);
  expect(
    bench
      .all()
      .map(({ classId }) => classId)
      .sort(),
  ).toEqual([aClassId("a"), aClassId("b")]);
  expect(geometryArea(bench.scene.layer("layer")!.shapes.get(anAnnotationId("one"))!.annotation.geometry)).toBe(10_000);
});

test("[DRW6] the eraser cuts holes and parts, and what is erased wholly is gone", () => {
  const bench = toolBench();
  bench.put("one", square(0, 0, 200));
  const tool = eraserTool(bench.host);
  click(tool, [100, 100]);
  expect(holesOf(bench.sole().geometry)).toBe(1);
  expect(containsPoint(bench.sole().geometry, [100, 100])).toBe(false);
  drag(tool, [
    [100, -30],
    [100, 230],
  ]);
  expect(bench.sole().geometry.type).toBe("multipolygon");
  drag(
    tool,
    Array.from({ length: 12 }, (_, row): Point[] => [
      [-30, row * 20],
      [230, row * 20],
    ]).flat(),
  );
  expect(bench.all()).toEqual([]);
});

test("[DRW6] Alt turns the brush into the eraser", () => {
  const bench = toolBench();
  bench.put("one", square(0, 0, 200));
  drag(brushTool(bench.host), [[100, 100]], { alt: true });
  expect(holesOf(bench.sole().geometry)).toBe(1);
});

test("[DRW7] holes survive growing, moving a vertex and moving the whole", () => {
  const bench = toolBench();
  bench.put("one", holed);
  drag(brushTool(bench.host), [
    [190, 20],
    [260, 20],
  ]);
  expect(holesOf(bench.sole().geometry)).toBe(1);
  bench.pick("one");
  drag(editTool(bench.host), [
    [0, 200],
    [-40, 240],
  ]);
  expect(containsPoint(bench.sole().geometry, [-20, 220])).toBe(true);
  expect(holesOf(bench.sole().geometry)).toBe(1);
  const before = geometryArea(bench.sole().geometry);
  drag(selectTool(bench.host), [
    [20, 150],
    [520, 150],
  ]);
  expect(geometryArea(bench.sole().geometry)).toBe(before);
  expect(holesOf(bench.sole().geometry)).toBe(1);
  expect(containsPoint(bench.sole().geometry, [600, 100])).toBe(false);
});

test("[DRW8] a vertex is dragged, added on an edge, and taken away with Alt or Backspace", () => {
  const bench = toolBench();
  bench.put("one", square(0, 0, 100));
  bench.pick("one");
  const tool = editTool(bench.host);
  drag(tool, [
    [50, 0],
    [50, -60],
  ]);
  expect(geometryArea(bench.sole().geometry)).toBe(13_000);
  click(tool, [50, -60], { alt: true });
  expect(geometryArea(bench.sole().geometry)).toBe(10_000);
  point(tool, "hover", [100, 100]);
  expect(tool.key({ key: "Backspace", shift: false })).toBe(true);
  expect(geometryArea(bench.sole().geometry)).toBe(5_000);
});

test("[DRW8] a drag that would leave nothing is not stored", () => {
  const bench = toolBench();
  bench.put("one", {
    type: "polygon",
    rings: [
      [
        [0, 0],
        [100, 0],
        [50, 80],
      ],
    ],
  });
  bench.pick("one");
  drag(editTool(bench.host), [
    [50, 80],
    [50, 0],
  ]);
  expect(geometryArea(bench.sole().geometry)).toBe(4_000);
  expect(bench.state.said).toHaveLength(1);
});

test("[DRW9] one stroke is one step of undo", () => {
  const bench = toolBench();
  bench.put("one", square(0, 0, 100));
  bench.put("two", square(300, 0, 100));
  bench.state.selection = bench.all().map(({ id }) => ({ layerId: "layer", id }));
  const before = bench.all();
  drag(selectTool(bench.host), [
    [50, 50],
    [60, 90],
    [80, 250],
  ]);
  expect(bench.all()).not.toEqual(before);
  expect(bench.undo.undoStack).toHaveLength(1);
  bench.undo.undo();
  expect(bench.all()).toEqual(before.map((each) => ({ ...each })));
});

test("[DRW10] a click selects the smallest outline, again the next one, and Tab goes round", () => {
  const bench = toolBench();
  bench.put("large", square(0, 0, 300));
  bench.put("small", square(100, 100, 50));
  const tool = selectTool(bench.host);
  const chosen = () => bench.state.selection.map(({ id }) => id);
  click(tool, [120, 120]);
  expect(chosen()).toEqual([anAnnotationId("small")]);
  click(tool, [120, 120]);
  expect(chosen()).toEqual([anAnnotationId("large")]);
  expect(tool.key({ key: "Tab", shift: false })).toBe(true);
  expect(chosen()).toEqual([anAnnotationId("small")]);
  click(tool, [20, 20], { shift: true });
  expect(chosen()).toHaveLength(2);
  expect(point(tool, "down", [900, 900])).toBe("pan");
  expect(chosen()).toEqual([]);
});

test("[DRW10] a drag on what is not selected moves the slide, with Shift it selects by a box", () => {
  const bench = toolBench();
  bench.put("one", square(0, 0, 100));
  const tool = selectTool(bench.host);
  point(tool, "down", [50, 50]);
  expect(point(tool, "move", [80, 80])).toBe("pan");
  drag(
    tool,
    [
      [-20, -20],
      [50, 50],
      [150, 150],
    ],
    { shift: true },
  );
  expect(bench.state.selection).toHaveLength(1);
});

test("[DRW11] a rectangle by a drag, square with Shift; a point by a click; a ruler stores nothing", () => {
  const bench = toolBench();
  drag(rectangleTool(bench.host), [
    [10, 10],
    [50, 30],
  ]);
  expect(geometryArea(bench.sole().geometry)).toBe(800);
  drag(
    rectangleTool(bench.host),
    [
      [200, 200],
      [240, 210],
    ],
    { shift: true },
  );
  expect(bench.all().map(({ geometry }) => geometryArea(geometry))).toContain(1_600);
  click(pointTool(bench.host), [5, 5]);
  expect(bench.all().some(({ geometry }) => geometry.type === "point")).toBe(true);
  const ruler = rulerTool(bench.host);
  drag(ruler, [
    [0, 0],
    [300, 400],
  ]);
  expect(ruler.sketch().label?.text).toBe("250 µm");
  expect(bench.all()).toHaveLength(3);
});

test("[DRW12] without a right to draw, or a class, nothing is stored", () => {
  const locked = toolBench({ writable: false });
  const noClass = toolBench();
  noClass.state.classId = null;
  for (const { host } of [locked, noClass])
    drag(brushTool(host), [
      [10, 10],
      [60, 10],
    ]);
  expect([...locked.all(), ...noClass.all()]).toEqual([]);
  expect(noClass.state.said).toEqual(["Choose a class first."]);
});

test("[DRW13] sizes are said in the unit that reads best, and in pixels where the scale is unknown", () => {
  expect([lengthText(50, 0.5), lengthText(500, 0.5), lengthText(5_000, 0.5), lengthText(50, null)]).toEqual([
    "25.0 µm",
    "250 µm",
    "2.50 mm",
    "50 px",
  ]);
  expect([areaText(100, 0.5), areaText(40_000, 0.5), areaText(4_000_000, 0.5), areaText(1_234, null)]).toEqual([
    "25.0 µm²",
    "10,000 µm²",
    "1.00 mm²",
    "1,234 px²",
  ]);
});
