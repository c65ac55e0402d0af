import { existsSync, readdirSync, readFileSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import sharp from "sharp";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Polygon } from "#domain/annotation.ts";
import { bboxOf, containsPoint, isSimple, polygonArea } from "#domain/geometry.ts";
import { difference, overlapArea, union } from "#domain/overlay.ts";
import { openSlide } from "#server/slides/source.ts";
import { generateSlide } from "#server/slides/synthetic/generate.ts";
import { type ReaderHabit, type ReaderOutline, simulateReader } from "#server/slides/synthetic/readers.ts";
import { SYNTHETIC_LABELS } from "#server/slides/synthetic/regions.ts";
import type { Truth } from "#server/slides/synthetic/render.ts";
import { traceMask } from "#server/slides/synthetic/trace.ts";
import { mainThreadCpuMs } from "#tests/support/cpu.ts";
import { ownFolder } from "#tests/support/slide-fixtures.ts";

const SIZE = { width: 1_600, height: 1_280 };
const MPP = 0.5;
const SHEET = { ...SIZE, mpp: MPP, seed: 3 };

let folder = "";
let path = "";
let truth: Truth = { regions: [], artefacts: [] };
let pixels: Buffer = Buffer.alloc(0);
const progress: number[] = [];
/** The most that the event loop worked, ms, before it came to what else there was. */
let longestWork = 0;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "concord-synthetic-"));
  path = join(folder, "slide.tif");
  let last = mainThreadCpuMs();
  const clock = setInterval(() => {
    const now = mainThreadCpuMs();
    longestWork = Math.max(longestWork, now - last);
    last = now;
  }, 5);
  truth = await generateSlide({ path, size: SIZE, seed: 7, mpp: MPP, onProgress: (done) => progress.push(done) });
  clearInterval(clock);
  pixels = await sharp(path).removeAlpha().raw().toBuffer();
});

afterAll(() => rm(folder, { recursive: true, force: true }));

function regions(label: string): Polygon[] {
  return truth.regions.filter((region) => region.label === label).map(({ polygon }) => polygon);
}

function totalArea(outlines: readonly ReaderOutline[]): number {
  return outlines.reduce((sum, { polygon }) => sum + polygonArea(polygon), 0);
}

type Mask = (x: number, y: number) => boolean;

/** Which pixels polygons cover. */
async function within(polygons: readonly Polygon[]): Promise<Mask> {
  const { width, height } = SIZE;
  const path = polygons.map((rings) => rings.map((ring) => `M${ring.map((at) => at.join(",")).join("L")}Z`).join(""));
  const svg = `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}"><path fill-rule="evenodd" d="${path.join("")}"/></svg>`;
  const cover = await sharp(Buffer.from(svg), { unlimited: true }).extractChannel("alpha").raw().toBuffer();
  return (x, y) => (cover[y * width + x] ?? 0) > 128;
}

/** Mean red, green and blue over the pixels for which a test holds, sampled every third. */
function meanWhere(holds: Mask): [number, number, number] {
  const sums: [number, number, number] = [0, 0, 0];
  let count = 0;
  for (let y = 1; y < SIZE.height; y += 3) {
    for (let x = 1; x < SIZE.width; x += 3) {
      if (!holds(x, y)) continue;
      const at = (y * SIZE.width + x) * 3;
      for (const channel of [0, 1, 2] as const) sums[channel] += pixels[at + channel] ?? 0;
      count++;
    }
  }
  expect(count).toBeGreaterThan(50);
  return [sums[0] / count, sums[1] / count, sums[2] / count];
}

describe("generated slide", () => {
  it("[SYN1] opens as a pyramid with the scale that was asked for", async () => {
    const slide = await openSlide(path);
    expect(slide.meta).toMatchObject({ ...SIZE, mpp: MPP, objective: 20, strippedFields: [], strippedImages: [] });
    expect(slide.meta.levels.map(({ downsample }) => downsample)).toEqual([1, 2, 4]);
    await slide.close();
  });

  it("[SYN2] is the same to the byte for the same seed, and another for another", async () => {
    const [again, other] = [join(ownFolder(), "again.tif"), join(ownFolder(), "other.tif")];
    const small = { width: 512, height: 400 };
    const first = await generateSlide({ path: again, size: small, seed: 5, mpp: MPP });
    const bytes = readFileSync(again);
    const second = await generateSlide({ path: again, size: small, seed: 5, mpp: MPP });
    expect(readFileSync(again).equals(bytes)).toBe(true);
    expect(second).toEqual(first);
    await generateSlide({ path: other, size: small, seed: 6, mpp: MPP });
    expect(readFileSync(other).equals(bytes)).toBe(false);
  });

  it("[SYN3] shows every class, the rare one least of all tissues that stand alone", () => {
    const areas = new Map(
      SYNTHETIC_LABELS.map((label) => [label, regions(label).reduce((sum, polygon) => sum + polygonArea(polygon), 0)]),
    );
    for (const label of SYNTHETIC_LABELS) expect(areas.get(label), label).toBeGreaterThan(0);
    const tissue = [...areas.values()].reduce((sum, area) => sum + area, 0);
    expect((areas.get("Vascular invasion") ?? 0) / tissue).toBeLessThan(0.06);
    expect((areas.get("Tumour") ?? 0) / tissue).toBeGreaterThan(0.08);
    expect(truth.artefacts.map(({ label }) => label).sort((a, b) => (a < b ? -1 : 1))).toEqual(["Fold", "Pen mark"]);
  });

  it("[SYN4] has true outlines that are valid, lie on the slide and do not claim the same place twice", () => {
    for (const { polygon, label } of truth.regions) {
      for (const ring of polygon) expect(isSimple(ring), label).toBe(true);
      const box = bboxOf(polygon[0] ?? []);
      expect(box.minX >= 0 && box.minY >= 0 && box.maxX <= SIZE.width && box.maxY <= SIZE.height).toBe(true);
    }
    const sum = totalArea(truth.regions);
    const joined = union(truth.regions.map(({ polygon }) => [polygon]));
    const covered = joined.reduce((total, polygon) => total + polygonArea(polygon), 0);
    expect(sum - covered).toBeLessThan(0.02 * sum);
  });

  it("[SYN5] has the colours of haematoxylin and eosin where the truth says what is there", async () => {
    const dirty = await within(truth.artefacts.map(({ polygon }) => polygon));
    const mean = async (label: string): Promise<[number, number, number]> => {
      const inside = await within(regions(label));
      return meanWhere((x, y) => inside(x, y) && !dirty(x, y));
    };
    const tissue = await within(truth.regions.map(({ polygon }) => polygon));
    const glass = meanWhere((x, y) => !tissue(x, y) && !dirty(x, y));
    const [stroma, tumour, lymphoid, adipose] = await Promise.all(
      ["Stroma", "Tumour", "Lymphoid aggregate", "Adipose"].map(mean),
    );
    expect(Math.min(...glass)).toBeGreaterThan(235);
    for (const [r, g, b] of [stroma!, tumour!, lymphoid!]) expect(r > g + 15 && b > g + 5).toBe(true);
    expect(stroma![0]).toBeGreaterThan(200);
    expect(tumour![0]).toBeLessThan(stroma![0] - 25);
    expect(lymphoid![0]).toBeLessThan(tumour![0]);
    expect(adipose![1]).toBeGreaterThan(stroma![1] + 30);
  });

  it("[SYN6] has its borders where the true outlines run", async () => {
    for (const label of ["Lymphoid aggregate", "Tumour"]) {
      const inside = await within(regions(label));
      const rim =
        (from: number, to: number): Mask =>
        (x, y) =>
          inside(x - from, y) !== inside(x - to, y) || inside(x + from, y) !== inside(x + to, y);
      const outside = meanWhere((x, y) => !inside(x, y) && rim(2, 12)(x, y));
      const edge = meanWhere((x, y) => inside(x, y) && rim(2, 12)(x, y));
      expect(outside[0]).toBeGreaterThan(edge[0] + 12);
    }
  });

  it("[SYN7] is painted beside the event loop, which hears how far it is", () => {
    expect(progress.at(-1)).toBe(1);
    expect([...progress].sort((a, b) => a - b)).toEqual(progress);
    expect(progress.length).toBeGreaterThan(2);
    expect(longestWork).toBeLessThan(400);
  });

  it("[SYN8] leaves nothing behind when it is given up or cannot be written", async () => {
    const place = ownFolder();
    const shape = { size: { width: 2_048, height: 2_048 }, seed: 1, mpp: MPP };
    const givenUp = generateSlide({ path: join(place, "a.tif"), ...shape, signal: AbortSignal.timeout(150) });
    await expect(givenUp).rejects.toThrow(/abort|timeout/i);
    await expect(generateSlide({ path: join(place, "no", "b.tif"), ...shape })).rejects.toThrow(/ENOENT/);
    expect(existsSync(join(place, "a.tif"))).toBe(false);
    expect(readdirSync(place)).toEqual([]);
  });
});

describe("traced outlines", () => {
  it("[SYN9] cover what the mask holds, holes left out, pieces apart", () => {
    const rows = ["#####....", "#...#..##", "#.#.#..##", "#...#....", "#####...."];
    const polygons = traceMask({ width: 9, height: 5, cell: 10, has: (x, y) => rows[y]?.[x] === "#" });
    expect(polygons.map((rings) => rings.length).sort((a, b) => a - b)).toEqual([1, 1, 2]);
    const ringShaped = polygons.find((rings) => rings.length === 2)!;
    expect(containsPoint({ type: "polygon", rings: ringShaped }, [0, 20])).toBe(true);
    expect(containsPoint({ type: "polygon", rings: ringShaped }, [20, 20])).toBe(false);
    expect(polygons.reduce((sum, polygon) => sum + polygonArea(polygon), 0)).toBeGreaterThan(1_400);
  });
});

describe("simulated readers", () => {
  const HABITS: readonly ReaderHabit[] = ["careful", "loose", "shifted", "misses-rare", "confuses"];
  const seen = () => truth.regions.filter(({ label }) => label !== "Stroma");
  const of = (label: string, outlines: readonly ReaderOutline[]) => outlines.filter((each) => each.label === label);

  it("[SYN10] draw valid outlines on the slide, the same for the same seed", () => {
    for (const habit of HABITS) {
      const outlines = simulateReader(seen(), habit, SHEET);
      expect(outlines.length).toBeGreaterThan(5);
      expect(simulateReader(seen(), habit, SHEET)).toEqual(outlines);
      expect(simulateReader(seen(), habit, { ...SHEET, seed: 4 })).not.toEqual(outlines);
      for (const { polygon } of outlines) {
        for (const ring of polygon) expect(isSimple(ring)).toBe(true);
        const box = bboxOf(polygon[0] ?? []);
        expect(box.minX >= 0 && box.minY >= 0 && box.maxX <= SIZE.width && box.maxY <= SIZE.height).toBe(true);
      }
    }
  });

  it("[SYN11] err in the way that their habit says", () => {
    const real = seen();
    const drawn = Object.fromEntries(HABITS.map((habit) => [habit, simulateReader(real, habit, SHEET)] as const));
    const shared = (habit: string, label: string): number => {
      const [ours, theirs] = [of(label, real), of(label, drawn[habit] ?? [])].map((list) =>
        union(list.map(({ polygon }) => [polygon])),
      );
      const both = overlapArea(ours ?? [], theirs ?? []);
      const either = union([ours ?? [], theirs ?? []]).reduce((sum, polygon) => sum + polygonArea(polygon), 0);
      return both / either;
    };
    expect(shared("careful", "Lymphoid aggregate")).toBeGreaterThan(0.85);
    expect(totalArea(of("Lymphoid aggregate", drawn["loose"]!))).toBeGreaterThan(
      1.2 * totalArea(of("Lymphoid aggregate", real)),
    );
    expect(shared("loose", "Lymphoid aggregate")).toBeLessThan(0.85);
    expect(shared("shifted", "Lymphoid aggregate")).toBeLessThan(shared("careful", "Lymphoid aggregate"));
    expect(of("Vascular invasion", drawn["misses-rare"]!)).toEqual([]);
    expect(of("Vascular invasion", drawn["careful"]!).length).toBe(of("Vascular invasion", real).length);
    const mistaken = difference(
      union(of("Tumour", drawn["confuses"]!).map(({ polygon }) => [polygon])),
      union(of("Tumour", drawn["careful"]!).map(({ polygon }) => [polygon])),
    );
    const glands = union(of("Gland", real).map(({ polygon }) => [polygon]));
    expect(overlapArea(mistaken, glands)).toBeGreaterThan(1_000);
  });
});
