import { describe, expect, it } from "vitest";
import { type ChangeStore, journalOn, memoryPages, memoryStore } from "#client/journal.ts";
import { pauseBefore } from "#client/line-watch.ts";
import { UnsavedChanges } from "#client/unsaved.ts";

const AMIR = "amir";
const CHEN = "chen";
const bytes = (...values: number[]) => new Uint8Array(values);

function browser() {
  const [store, pages] = [memoryStore(), memoryPages()];
  return {
    store,
    pages,
    page: (person: string, layer = "layer") => journalOn(store, pages, person, layer),
    kept: async (person: string) => (await store.list(`${person}/`)).length,
  };
}

describe("journal", () => {
  it("[OFF20] gives a person's next page what an earlier one left, in order and once", async () => {
    const { page, kept } = browser();
    const first = await page(AMIR);
    await first.append(bytes(1), 1);
    await first.append(bytes(2), 1);
    await first.remove([await first.append(bytes(3), 1)]);
    expect(await first.takeOver()).toEqual([]);
    first.close();
    const next = await page(AMIR);
    expect((await next.takeOver()).map((entry) => [...entry.bytes])).toEqual([[1], [2]]);
    expect(await next.takeOver()).toEqual([]);
    expect(await kept(AMIR)).toBe(2);
    next.close();
    const third = await page(AMIR);
    const left = await third.takeOver();
    expect(left).toHaveLength(2);
    await third.remove(left.map(({ key }) => key));
    expect(await kept(AMIR)).toBe(0);
  });

  it("[OFF21] shows nothing to another person, in another layer, or to one whose id begins alike", async () => {
    const { page, kept } = browser();
    const amir = await page(AMIR);
    await amir.append(bytes(1), 1);
    amir.close();
    for (const [person, layer] of [
      [CHEN, "layer"],
      [AMIR, "layer2"],
      [AMIR, "lay"],
      ["amir2", "layer"],
      ["ami", "layer"],
    ] as const) {
      const other = await page(person, layer);
      expect(await other.takeOver()).toEqual([]);
      other.close();
    }
    expect(await kept(CHEN)).toBe(0);
    expect(await (await page(AMIR)).takeOver()).toHaveLength(1);
  });

  it("[OFF22] leaves to an open page what it holds, and of two that ask for the rest each change goes to one", async () => {
    const { page } = browser();
    const [gone, open] = [await page(AMIR), await page(AMIR)];
    for (let at = 0; at < 5; at++) await gone.append(bytes(at), 1);
    await open.append(bytes(9), 1);
    gone.close();
    const [one, two] = [await page(AMIR), await page(AMIR)];
    const [left, right] = await Promise.all([one.takeOver(), two.takeOver()]);
    const keys = [...left, ...right].map(({ key }) => key);
    expect(new Set(keys).size).toBe(5);
    expect(keys).toHaveLength(5);
  });

  it("[OFF22] where the browser cannot tell which pages are open, nothing is lost: all of it is taken over", async () => {
    const { store, page } = browser();
    await (await page(AMIR)).append(bytes(1), 1);
    const blind = { hold: async () => () => undefined, open: async () => null };
    const next = await journalOn(store, blind, AMIR, "layer");
    expect(await next.takeOver()).toHaveLength(1);
  });
});

describe("unsaved changes", () => {
  it("[OFF23] counts what it recovers, and lets go of what the server calls durable, no more", async () => {
    const { page, kept } = browser();
    const left = await page(AMIR);
    await left.append(bytes(1), 1);
    await left.append(bytes(2), 1);
    left.close();
    const unsaved = new UnsavedChanges(await page(AMIR), () => undefined);
    let merged: number[][] = [];
    const merge = () => {
      merged = unsaved.into(1).map((each) => [...each]);
    };
    expect(await unsaved.recover(merge)).toBe(2);
    expect(merged).toEqual([[1], [2]]);
    unsaved.add(bytes(3), 1);
    expect([unsaved.made, unsaved.waiting]).toEqual([3, 3]);
    await unsaved.saved(2);
    expect([unsaved.waiting, await kept(AMIR)]).toEqual([1, 1]);
    await unsaved.saved(1);
    await unsaved.saved(99);
    expect(unsaved.waiting).toBe(1);
    await unsaved.discard();
    expect([unsaved.waiting, await kept(AMIR)]).toEqual([0, 0]);
  });

  it("[OFF23] says that a change is not kept where the store is full, and that it is when it is not any more", async () => {
    const { store, pages } = browser();
    let full = true;
    const tight: ChangeStore = {
      ...store,
      add: (row) => (full ? Promise.reject(new Error("full")) : store.add(row)),
    };
    const said: boolean[] = [];
    const unsaved = new UnsavedChanges(await journalOn(tight, pages, AMIR, "layer"), (now) => said.push(now));
    unsaved.add(bytes(1), 1);
    await expect.poll(() => said).toEqual([false]);
    full = false;
    unsaved.add(bytes(2), 1);
    await expect.poll(() => said).toEqual([false, true]);
    expect(unsaved.waiting).toBe(2);
    await unsaved.saved(2);
    expect(await store.list("")).toEqual([]);
  });
});

describe("pauses between attempts", () => {
  it("[OFF24] double up to five seconds and are spread over the upper half", () => {
    const ends = [0, 1, 2, 3, 4, 5, 20].map((failures) => [
      pauseBefore(failures, () => 0),
      pauseBefore(failures, () => 1),
    ]);
    expect(ends).toEqual([
      [100, 200],
      [200, 400],
      [400, 800],
      [800, 1_600],
      [1_600, 3_200],
      [2_500, 5_000],
      [2_500, 5_000],
    ]);
    const many = new Set(Array.from({ length: 50 }, () => pauseBefore(5)));
    expect(many.size).toBe(50);
  });
});
