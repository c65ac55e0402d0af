import fc from "fast-check";
import { expect, test } from "vitest";
import { viewerPath } from "#app/_components/shell/navigation.ts";
import { disagreementColour } from "#client/agreement-colour.ts";
import type { Layer } from "#client/answers.ts";
import { guidelineOf, type Standing } from "#client/class-standing.ts";
import { KeyScopes } from "#client/key-scopes.ts";
import { actionOf, digitOf, type KeyStroke, SHORTCUTS } from "#client/keymap.ts";
import { layerToDrawIn } from "#client/layer-choice.ts";
import { pointDiscs } from "#client/point-discs.ts";
import { cameraOn, inkOn } from "#client/presence.ts";
import { magnification, scaleBar, scanPower, zoomForPower } from "#client/scale-bar.ts";
import { Scene } from "#client/scene.ts";
import { boxOf, levelFor, tilesIn } from "#client/tile-plan.ts";
import { stepBrush } from "#client/tool-state.ts";
import { formatView, parseTarget, parseView } from "#client/view-link.ts";
import { objectBands, probabilityBands, voteBands } from "#client/vote-bands.ts";
import { polygonsArea } from "#domain/geometry.ts";
import type { ClassId } from "#domain/ids.ts";
import type { SlideLevel } from "#domain/slide.ts";
import { aClass, aClassId, aGuideline, anAnnotation, square, withClass } from "#tests/support/builders.ts";

const key = (text: string, more: Partial<KeyStroke> = {}): KeyStroke => ({
  key: text,
  code: "",
  shiftKey: false,
  ctrlKey: false,
  metaKey: false,
  altKey: false,
  ...more,
});

const LEVELS: readonly SlideLevel[] = [
  { width: 1_000, height: 700, tileWidth: 240, tileHeight: 240, downsample: 1 },
  { width: 250, height: 175, tileWidth: 240, tileHeight: 240, downsample: 4.0003 },
  { width: 62, height: 43, tileWidth: 240, tileHeight: 240, downsample: 16.1 },
];

test("[VIE1] a link reopens the same view, and anything else in the fragment is none", () => {
  const camera = fc.record({
    x: fc.double({ min: 0, max: 200_000, noNaN: true }),
    y: fc.double({ min: 0, max: 200_000, noNaN: true }),
    zoom: fc.double({ min: -12, max: 4, noNaN: true }),
  });
  fc.assert(
    fc.property(camera, (view) => {
      const again = parseView(formatView(view));
      expect(again?.x).toBeCloseTo(view.x, 0);
      expect(again?.zoom).toBeCloseTo(view.zoom, 2);
      expect(formatView(again ?? view)).toBe(formatView(view));
    }),
  );
  for (const bad of ["", "#", "#x=1&y=2", "#x=a&y=2&z=0", "#x=1&y=&z=0", "#x=Infinity&y=1&z=1"])
    expect(parseView(bad)).toBeNull();
});

test("[VIE2] the query says which layer, outline, task or dispute is wanted", () => {
  expect(parseTarget("?layer=l&annotation=a&task=&round=r&dispute=d")).toEqual({
    layerId: "l",
    annotationId: "a",
    taskId: null,
    roundId: "r",
    disputeKey: "d",
    dissolve: null,
    disputeClass: null,
    disputeKind: null,
    queue: null,
    box: null,
  });
});

test("[VIE11] a link names a place by its corners, which the viewer opens at; what is no box is none", () => {
  const path = viewerPath("p", "s", { layer: undefined, box: [100, 200, 300.5, 400] });
  expect(parseTarget(path.slice(path.indexOf("?")))).toMatchObject({
    layerId: null,
    box: { minX: 100, minY: 200, maxX: 300.5, maxY: 400 },
  });
  for (const bad of ["", "1,2,3", "1,2,3,4,5", "1,2,a,4", "5,2,3,4", "1,2,Infinity,4", "1,2,1,4"])
    expect(parseTarget(`?box=${bad}`).box).toBeNull();
});

test("[DSV16] a link to touching outlines names the group to begin with", () => {
  expect(parseTarget("?layer=l&dissolve=k")).toMatchObject({ layerId: "l", dissolve: "k" });
});

test("[CVW1] a link to a dispute carries what its queue was narrowed to", () => {
  expect(parseTarget("?round=r&dispute=d&class=c&kind=missed&queue=a%3D0%26b%3D1")).toMatchObject({
    disputeKey: "d",
    disputeClass: "c",
    disputeKind: "missed",
    queue: "a=0&b=1",
  });
});

test("[CVW2] vote bands are nested, whole where they reach out of the box, and of the class that counts now", () => {
  const scene = new Scene();
  const [tumour, stroma] = [aClassId("a"), aClassId("b")];
  for (const [read, x, classId] of [
    ["r1", 100, tumour],
    ["r2", 150, tumour],
    ["r3", 100, stroma],
  ] as const) {
    scene.add(read, "read").load([anAnnotation(read, { classId, geometry: square(x, 100, 100) })]);
  }
  const standingOf = ({ classId }: { readonly classId: ClassId }): Standing => ({
    classId,
    name: "",
    colour: "",
    state: "current",
    askedBy: 0,
  });
  const box = { minX: 160, minY: 110, maxX: 170, maxY: 120 };
  const asked = { scene, classId: tumour, box, standingOf };
  const bands = voteBands({ ...asked, layerIds: ["r1", "r2", "r3"] });
  expect(bands?.map(({ level, polygons }) => [level, polygonsArea(polygons)])).toEqual([
    [1, 15_000],
    [2, 5_000],
  ]);
  expect(voteBands({ ...asked, layerIds: ["r3"] })).toEqual([]);
});

test("[CVW9] a structure's bands count every vote in it, also where it leaves the dispute, and nothing of its neighbours", () => {
  const scene = new Scene();
  const tumour = aClassId("a");
  const load = (read: string, squares: readonly (readonly [number, number, number])[]) =>
    scene
      .add(read, "read")
      .load(
        squares.map(([x, y, side], place) =>
          anAnnotation(`${read}x${place}x`, { classId: tumour, geometry: square(x, y, side) }),
        ),
      );
  load("r1", [[0, 0, 200]]);
  // The second lies far from the dispute but in the structure; the third reaches out of it.
  load("r2", [
    [10, 10, 20],
    [100, 100, 20],
    [190, 150, 20],
  ]);
  const standingOf = ({ classId }: { readonly classId: ClassId }): Standing => ({
    ...{ classId, name: "", colour: "", state: "current", askedBy: 0 },
  });
  const box = { minX: 12, minY: 12, maxX: 14, maxY: 14 };
  const bands = voteBands({ scene, layerIds: ["r1", "r2"], classId: tumour, box, standingOf });
  expect(bands?.map(({ level, polygons }) => [level, polygonsArea(polygons)])).toEqual([
    [1, 40_000],
    [2, 400 + 400 + 200],
  ]);
  load(
    "r3",
    Array.from({ length: 401 }, (_, place): [number, number, number] => [place % 190, 60, 4]),
  );
  expect(voteBands({ scene, layerIds: ["r1", "r2", "r3"], classId: tumour, box, standingOf })).toBeNull();
});

test("[CVW9] the bands of STAPLE are where a class is at least so probable, nested, with what was drawn as edges", () => {
  const scene = new Scene();
  const [tumour, stroma] = [aClassId("a"), aClassId("b")];
  for (const [read, x, classId] of [
    ["r1", 100, tumour],
    ["r2", 150, tumour],
    ["r3", 100, stroma],
  ] as const) {
    scene.add(read, "read").load([anAnnotation(read, { classId, geometry: square(x, 100, 100) })]);
  }
  const standingOf = ({ classId }: { readonly classId: ClassId }): Standing => ({
    ...{ classId, name: "", colour: "", state: "current", askedBy: 0 },
  });
  const box = { minX: 160, minY: 110, maxX: 170, maxY: 120 };
  const asked = { scene, layerIds: ["r1", "r2", "r3"], classId: tumour, box, standingOf };
  const probable: Readonly<Record<string, number>> = { "1,1,2": 0.96, "1,0,2": 0.6, "0,1,0": 0.8 };
  const seen = new Set<string>();
  const bands = probabilityBands(asked, [tumour, stroma], (labels, label) => {
    seen.add(labels.join());
    return label === 1 ? (probable[labels.join()] ?? null) : null;
  });
  expect([...seen].sort()).toEqual(Object.keys(probable).sort());
  expect(bands?.map(({ level, polygons }) => [level, polygonsArea(polygons)])).toEqual([
    [0.5, 15_000],
    [0.8, 10_000],
    [0.95, 5_000],
  ]);
  expect(bands?.[2]?.polygons.flat(2).toSorted(([ax, ay], [bx, by]) => ax - bx || ay - by)).toEqual([
    [150, 100],
    [150, 200],
    [200, 100],
    [200, 200],
  ]);
  expect(probabilityBands(asked, [tumour, stroma], () => 0.4)).toEqual([]);
});

test("[CVW9] single objects lie within the lines of what their votes make them so probable as, each as a whole", () => {
  const scene = new Scene();
  const [cell, other] = [aClassId("a"), aClassId("b")];
  const load = (read: string, squares: readonly (readonly [x: number, classId: ClassId])[]) =>
    scene
      .add(read, "read")
      .load(
        squares.map(([x, classId], place) =>
          anAnnotation(`${read}x${place}x`, { classId, geometry: square(x, 100, 20) }),
        ),
      );
  load("r1", [
    [100, cell],
    [130, cell],
    [400, cell],
  ]);
  load("r2", [
    [102, cell],
    [131, other],
  ]);
  load("r3", [[100, cell]]);
  const standingOf = ({ classId }: { readonly classId: ClassId }): Standing => ({
    ...{ classId, name: "", colour: "", state: "current", askedBy: 0 },
  });
  const box = { minX: 100, minY: 100, maxX: 150, maxY: 120 };
  const asked = { scene, layerIds: ["r1", "r2", "r3"], classId: cell, box, standingOf };
  const rules = { classIds: [cell, other], matchingOf: () => ({ leastIou: 0.3 }), mpp: null };
  const probable: Readonly<Record<string, number>> = { "1,1,1": 0.99, "1,2,0": 0.6 };
  const seen = new Set<string>();
  const bands = objectBands(asked, rules, (labels, label) => {
    seen.add(labels.join());
    return label === 1 ? (probable[labels.join()] ?? null) : null;
  });
  // The third object lies elsewhere. What only one drew as a cell counts as that one drew it.
  expect([...seen].sort()).toEqual(["1,1,1", "1,2,0"]);
  expect(bands?.map(({ level, polygons }) => [level, polygonsArea(polygons)])).toEqual([
    [0.5, 22 * 20 + 20 * 20],
    [0.8, 22 * 20],
    [0.95, 22 * 20],
  ]);
  expect(objectBands({ ...asked, classId: other }, rules, () => 0.4)).toEqual([]);
});

test("[CVW14] disputed points are in the heat as discs, large enough to be seen from afar; regions are none", () => {
  const disputed = [
    { geometry: { type: "point", at: [1_000, 500] } as const, spread: 0.5 },
    { geometry: square(0, 0, 10), spread: 1 },
  ];
  const near = pointDiscs(disputed, { minX: 900, minY: 400, scale: 2 });
  expect(near).toEqual([{ x: 200, y: 200, radius: 40, spread: 0.5 }]);
  expect(pointDiscs(disputed, { minX: 0, minY: 0, scale: 0.01 })).toEqual([{ x: 10, y: 5, radius: 3, spread: 0.5 }]);
});

test("[VIE3] the coarsest level that is not blown up is shown, and the finest where all are", () => {
  expect(levelFor(LEVELS, 1)).toBe(0);
  expect(levelFor(LEVELS, 8)).toBe(0);
  expect(levelFor(LEVELS, 0.3)).toBe(1);
  expect(levelFor(LEVELS, 0.25)).toBe(1);
  expect(levelFor(LEVELS, 0.04)).toBe(2);
});

test("[VIE4] the tiles of a box are those that meet it, and edge tiles show only the slide", () => {
  const all = tilesIn(LEVELS, 0, { minX: -50, minY: -50, maxX: 5_000, maxY: 5_000 });
  expect(all).toHaveLength(5 * 3);
  expect(tilesIn(LEVELS, 0, { minX: 239, minY: 0, maxX: 241, maxY: 10 }).map(({ column }) => column)).toEqual([0, 1]);
  expect(tilesIn(LEVELS, 0, { minX: 2_000, minY: 0, maxX: 3_000, maxY: 10 })).toEqual([]);
  expect(tilesIn(LEVELS, 9, { minX: 0, minY: 0, maxX: 9, maxY: 9 })).toEqual([]);
  const level = LEVELS[0]!;
  const covered = all.reduce((sum, tile) => {
    const { minX, minY, maxX, maxY } = boxOf(level, tile);
    return sum + (maxX - minX) * (maxY - minY);
  }, 0);
  expect(covered).toBe(level.width * level.height);
});

test("[VIE5] the scale bar has a round length and fits", () => {
  fc.assert(
    fc.property(
      fc.double({ min: 0.1, max: 2, noNaN: true }),
      fc.double({ min: -10, max: 4, noNaN: true }),
      (mpp, zoom) => {
        const { lengthUm, widthPx } = scaleBar(mpp, 2 ** zoom);
        expect(widthPx).toBeLessThanOrEqual(140.001);
        expect(widthPx).toBeGreaterThan(50);
        expect([1, 2, 5]).toContain(Number((lengthUm / 10 ** Math.floor(Math.log10(lengthUm) + 1e-9)).toFixed(3)));
      },
    ),
  );
  expect(scaleBar(0.5, 0.01).label).toBe("5 mm");
  expect(scaleBar(0.5, 1).label).toBe("50 µm");
});

test("[VIE6] magnification is said as on a microscope; above the scan's power it is digital", () => {
  expect(scanPower({ objective: 20, mpp: null })).toBe(20);
  expect(scanPower({ objective: null, mpp: 0.2477 })).toBe(40);
  expect(scanPower({ objective: null, mpp: null })).toBeNull();
  expect(magnification(40, zoomForPower(10, 40))).toEqual({ label: "10×", digital: false });
  expect(magnification(40, 1)).toEqual({ label: "80×", digital: true });
  expect(magnification(null, -1)).toEqual({ label: "50.0 % of scan", digital: false });
});

test("[VIE7] to see what somebody sees, their whole view fits in one's own", () => {
  const camera = cameraOn({ x: 100, y: 200, width: 800, height: 400 }, { width: 400, height: 400 });
  expect(camera).toEqual({ x: 500, y: 400, zoom: -1 });
  expect([inkOn("#ffe14d"), inkOn("#1b3a6b")]).toEqual(["#000000", "#ffffff"]);
});

test("[VIE8] one's own open read comes before the team's layer, and what a link names before both", () => {
  const layer = (id: string, change: Partial<Layer>): Layer => ({
    id,
    slideId: "s",
    kind: "read",
    name: id,
    round: null,
    reader: null,
    state: "open",
    write: false,
    mine: false,
    guidelineNumber: null,
    untested: [],
    submittedAt: null,
    ...change,
  });
  const mine = layer("mine", { mine: true, write: true });
  const team = layer("team", { kind: "team", write: true });
  const done = layer("done", { mine: true, state: "submitted" });
  const none = { layerId: null, roundId: null };
  expect(layerToDrawIn([done, team, mine], none)).toBe(mine);
  expect(layerToDrawIn([done, team], none)).toBe(team);
  expect(layerToDrawIn([done, team], { ...none, layerId: "done" })).toBe(done);
  expect(layerToDrawIn([], none)).toBeNull();
});

test("[VIE9] an outline counts and is coloured by the class in force, and only drawable classes are in the palette", () => {
  const first = aGuideline(["a", "b"]);
  const second = withClass(withClass(first, "a", { retired: true }), "b", { colour: "#123456" });
  const rules = { note: "" };
  const guideline = guidelineOf([
    { number: 1, content: first, changes: [], ...rules },
    { number: 2, content: second, changes: [{ kind: "merge", from: [aClassId("a")], into: aClassId("b") }], ...rules },
  ]);
  expect(guideline.number).toBe(2);
  expect(guideline.palette.map(({ id }) => id)).toEqual([aClassId("b")]);
  expect(guideline.standingOf({ classId: aClassId("a"), under: 1 })).toEqual({
    classId: aClassId("b"),
    name: aClass("b").name,
    colour: "#123456",
    state: "carried-over",
    askedBy: 0,
  });
});

test("[VIE10] disagreement runs from dark to bright", () => {
  const brightness = [0, 0.25, 0.5, 0.75, 1].map((share) =>
    disagreementColour(share).reduce((sum, each) => sum + each, 0),
  );
  expect(brightness).toEqual([...brightness].sort((a, b) => a - b));
  expect(disagreementColour(7)).toEqual(disagreementColour(1));
});

test("[KEY1] letters choose tools by what is printed on the key, digits choose classes by their place", () => {
  expect(actionOf(key("b"))).toEqual({ kind: "tool", tool: "brush" });
  expect(actionOf(key("&", { code: "Digit1" }))).toEqual({ kind: "class", hotkey: 1 });
  expect(actionOf(key("9", { code: "Numpad9" }))).toEqual({ kind: "class", hotkey: 9 });
  expect(actionOf(key("0", { code: "Digit0" }))).toEqual({ kind: "palette" });
  expect(digitOf("KeyQ")).toBeNull();
});

test("[KEY2] undo and redo have the keys of every system, and other chords stay the browser's", () => {
  for (const held of [{ ctrlKey: true }, { metaKey: true }]) {
    expect(actionOf(key("z", held))).toEqual({ kind: "undo" });
    expect(actionOf(key("Z", { ...held, shiftKey: true }))).toEqual({ kind: "redo" });
    expect(actionOf(key("y", held))).toEqual({ kind: "redo" });
    for (const other of ["b", "p", "r", "1", "f", "a"]) expect(actionOf(key(other, held))).toBeNull();
  }
  expect(actionOf(key("b", { altKey: true }))).toBeNull();
});

test("[KEY3] the camera has keys: arrows, plus and minus, whole slide, selection, and the powers of a microscope", () => {
  expect(actionOf(key("ArrowLeft", { shiftKey: true }))).toEqual({ kind: "pan", x: -1, y: 0, far: true });
  expect([actionOf(key("+")), actionOf(key("="))]).toEqual([
    { kind: "zoom", by: 1 },
    { kind: "zoom", by: 1 },
  ]);
  expect(actionOf(key("-"))).toEqual({ kind: "zoom", by: -1 });
  expect([actionOf(key("z")), actionOf(key("Z", { shiftKey: true })), actionOf(key("Home"))]).toEqual([
    { kind: "fit" },
    { kind: "fit-selection" },
    { kind: "fit" },
  ]);
  expect(actionOf(key("!", { code: "Digit4", shiftKey: true }))).toEqual({ kind: "magnify", power: 10 });
  expect(actionOf(key("!", { code: "Digit9", shiftKey: true }))).toBeNull();
});

test("[KEY4] brackets make the brush smaller and larger within bounds", () => {
  expect([actionOf(key("[")), actionOf(key("]"))]).toEqual([
    { kind: "brush", by: -1 },
    { kind: "brush", by: 1 },
  ]);
  expect(stepBrush(24, 1)).toBeGreaterThan(24);
  expect(Array.from({ length: 60 }).reduce((radius: number) => stepBrush(radius, 1), 24)).toBe(160);
  expect(Array.from({ length: 60 }).reduce((radius: number) => stepBrush(radius, -1), 24)).toBe(4);
});

test("[KEY5] the scope that was opened last gets a key first, and a key it uses goes no further", () => {
  const scopes = new KeyScopes();
  const asked: string[] = [];
  scopes.open(() => asked.push("panel") > 0);
  const close = scopes.open((event) => {
    asked.push("dialog");
    return event.key === "k";
  });
  const press = (text: string) =>
    scopes.handle(
      new (class extends Event {
        key = text;
      })("keydown") as KeyboardEvent,
    );
  expect(press("k")).toBe(true);
  expect(asked).toEqual(["dialog"]);
  press("x");
  expect(asked).toEqual(["dialog", "dialog", "panel"]);
  close();
  press("k");
  expect(asked.at(-1)).toBe("panel");
});

test("[KEY6] every tool that has a key is in the list of keys", () => {
  const listed = SHORTCUTS.filter(({ group }) => group === "Tools").flatMap(({ keys }) => keys);
  for (const letter of "abcdefghijklmnopqrstuvwxyz") {
    const action = actionOf(key(letter));
    if (action?.kind === "tool") expect(listed).toContain(letter.toUpperCase());
  }
});
