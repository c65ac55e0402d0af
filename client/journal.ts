/** A change that the server has not called durable yet. */
export type JournalEntry = { readonly key: number; readonly bytes: Uint8Array };

/** Where one person's unsent changes of one layer are kept, so that they survive a crash of the tab. */
export type Journal = {
  /** What earlier tabs left, in the order in which it was made. */
  load(): Promise<readonly JournalEntry[]>;
  /** @returns the key to remove it by */
  append(bytes: Uint8Array): Promise<number>;
  remove(keys: readonly number[]): Promise<void>;
  close(): void;
};

const DATABASE = "concord-journal";
const STORE = "changes";
const OWNER = "owner";

type Row = { readonly owner: string; readonly bytes: Uint8Array };

/** A journal that lives as long as the page: for where the browser keeps nothing. */
export function memoryJournal(): Journal {
  const entries = new Map<number, Uint8Array>();
  let last = 0;
  return {
    load: async () => [...entries].map(([key, bytes]) => ({ key, bytes })),
    async append(bytes) {
      last += 1;
      entries.set(last, bytes);
      return last;
    },
    async remove(keys) {
      for (const key of keys) entries.delete(key);
    },
    close: () => undefined,
  };
}

/** The browser's own store. @throws where the browser has none, or does not let this page use it */
export async function openJournal(personId: string, layerId: string): Promise<Journal> {
  const database = await openStore();
  const owner = `${personId}/${layerId}`;
  return {
    async load() {
      const store = database.transaction(STORE).objectStore(STORE);
      const [keys, rows] = await Promise.all([
        done(store.index(OWNER).getAllKeys(owner)),
        done<Row[]>(store.index(OWNER).getAll(owner)),
      ]);
      const entries = rows.map(({ bytes }, index) => ({ key: Number(keys[index]), bytes }));
      return entries.sort((a, b) => a.key - b.key);
    },
    async append(bytes) {
      const row: Row = { owner, bytes };
      return Number(await done(database.transaction(STORE, "readwrite").objectStore(STORE).add(row)));
    },
    async remove(keys) {
      if (keys.length === 0) return;
      const store = database.transaction(STORE, "readwrite").objectStore(STORE);
      await Promise.all(keys.map((key) => done(store.delete(key))));
    },
    close: () => database.close(),
  };
}

/** Forgets every unsent change of a person on this machine; for signing out of a shared one. */
export async function forgetJournals(personId: string): Promise<void> {
  const database = await openStore();
  try {
    const store = database.transaction(STORE, "readwrite").objectStore(STORE);
    const range = IDBKeyRange.bound(`${personId}/`, `${personId}0`, false, true);
    const keys = await done(store.index(OWNER).getAllKeys(range));
    await Promise.all(keys.map((key) => done(store.delete(key))));
  } finally {
    database.close();
  }
}

function openStore(): Promise<IDBDatabase> {
  const request = indexedDB.open(DATABASE, 1);
  request.onupgradeneeded = () => {
    request.result.createObjectStore(STORE, { autoIncrement: true }).createIndex(OWNER, "owner");
  };
  return done(request);
}

function done<T>(request: IDBRequest<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error ?? new Error("the browser's store failed"));
  });
}
