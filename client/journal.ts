/** A change that the server has not called durable yet. */
export type JournalEntry = {
  readonly key: number;
  readonly bytes: Uint8Array;
  /** The document that it was made on; 0 where that was not known, because nothing of it was there yet. */
  readonly epoch: number;
};

/** Where one person's unsent changes of one layer are kept, so that they survive a crash of the tab. */
export type Journal = {
  /**
   * Takes over what pages that are gone left, in the order in which it was made. What another open page still holds
   * stays with it; what was taken over once is not given again.
   */
  takeOver(): Promise<readonly JournalEntry[]>;
  /** @returns the key to remove it by, once the browser has it on disk */
  append(bytes: Uint8Array, epoch: number): Promise<number>;
  /** Says of changes on which document they were made, which had not been known. */
  tag(keys: readonly number[], epoch: number): Promise<void>;
  remove(keys: readonly number[]): Promise<void>;
  close(): void;
};

type Row = {
  /** `<person>/<layer>` */
  readonly owner: string;
  /** The page that made the change or took it over. */
  readonly page: string;
  readonly bytes: Uint8Array;
  /** Missing in rows of pages that knew one document only. */
  readonly epoch?: number;
};
export type StoredChange = Row & { readonly key: number };

/** The rows of all journals. Keys grow, so their order is that of making. */
export type ChangeStore = {
  /** The rows whose owner begins with this. */
  list(prefix: string): Promise<readonly StoredChange[]>;
  add(row: Row): Promise<number>;
  /** Gives rows to a page. @returns those that were still there and had not been given to another meanwhile */
  claim(rows: readonly StoredChange[], page: string): Promise<readonly StoredChange[]>;
  tag(keys: readonly number[], epoch: number): Promise<void>;
  remove(keys: readonly number[]): Promise<void>;
  close(): void;
};

/** Which pages are open in this browser. */
export type OpenPages = {
  /** Counts this page as open until the returned function is called or the page is gone, however it went. */
  hold(page: string): Promise<() => void>;
  /** Null where the browser cannot tell. */
  open(): Promise<ReadonlySet<string> | null>;
};

const DATABASE = "concord-journal";
const STORE = "changes";
const OWNER = "owner";
const LOCK = "concord-journal/";
/** A browser's store may never answer, and work must begin. */
const JOURNAL_LIMIT_MS = 4_000;

/** A journal on rows that other pages share: each page has its own, and takes over those of pages that are gone. */
export async function journalOn(
  store: ChangeStore,
  pages: OpenPages,
  personId: string,
  layerId: string,
): Promise<Journal> {
  const owner = `${personId}/${layerId}`;
  const page = newPage();
  const release = await pages.hold(page);
  return {
    async takeOver() {
      // Rows first: who had a row and is not open afterwards is gone, since a page is counted before its first row.
      const rows = (await store.list(owner)).filter((row) => row.owner === owner && row.page !== page);
      if (rows.length === 0) return [];
      const open = await pages.open();
      const left = rows.filter((row) => open === null || !open.has(row.page));
      const taken = await store.claim(left, page);
      return taken.map(({ key, bytes, epoch = 1 }) => ({ key, bytes, epoch }));
    },
    append: (bytes, epoch) => store.add({ owner, page, bytes, epoch }),
    tag: async (keys, epoch) => {
      if (keys.length > 0) await store.tag(keys, epoch);
    },
    remove: async (keys) => {
      if (keys.length > 0) await store.remove(keys);
    },
    close() {
      release();
      store.close();
    },
  };
}

/** The browser's own store. @throws where the browser has none, or does not let this page use it */
export async function openJournal(personId: string, layerId: string): Promise<Journal> {
  return await journalOn(await browserStore(), browserPages(), personId, layerId);
}

/** A journal that lives as long as the page: for where the browser keeps nothing. */
export function memoryJournal(): Promise<Journal> {
  return journalOn(memoryStore(), memoryPages(), "", "");
}

/** Where the browser's store does not work, changes live as long as the page, and the page says so. */
export async function journalOrNone(
  given: Promise<Journal>,
): Promise<{ readonly journal: Journal; readonly kept: boolean }> {
  let late = false;
  let timer: ReturnType<typeof setTimeout> | undefined;
  const limit = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error("the browser's store does not answer")), JOURNAL_LIMIT_MS);
  });
  try {
    return { journal: await Promise.race([given, limit]), kept: true };
  } catch {
    late = true;
    return { journal: await memoryJournal(), kept: false };
  } finally {
    clearTimeout(timer);
    given.then(
      (journal) => late && journal.close(),
      () => undefined,
    );
  }
}

/** How many changes of a person wait in this browser, in all layers. 0 where it keeps none. */
export async function changesKept(personId: string): Promise<number> {
  if (typeof indexedDB === "undefined") return 0;
  const store = await browserStore();
  try {
    return (await store.list(`${personId}/`)).length;
  } finally {
    store.close();
  }
}

/**
 * Leaves no trace of emptied journals: removes the store from the disk where nobody's changes wait in it and no page
 * uses it. What waits stays, for the person it belongs to.
 */
export async function wipeEmptyJournals(): Promise<void> {
  if (typeof indexedDB === "undefined") return;
  const open = await browserPages().open();
  if (open === null || open.size > 0) return;
  const store = await browserStore();
  const kept = await store.list("");
  store.close();
  if (kept.length > 0) return;
  const request = indexedDB.deleteDatabase(DATABASE);
  await new Promise<void>((resolve) => {
    request.onsuccess = () => resolve();
    request.onerror = () => resolve();
    request.onblocked = () => resolve();
  });
}

/** Rows that live as long as the page. */
export function memoryStore(): ChangeStore {
  const rows = new Map<number, Row>();
  let last = 0;
  return {
    list: async (prefix) =>
      [...rows].filter(([, row]) => row.owner.startsWith(prefix)).map(([key, row]) => ({ ...row, key })),
    async add(row) {
      last += 1;
      rows.set(last, row);
      return last;
    },
    async claim(wanted, page) {
      const taken = wanted.filter((row) => rows.get(row.key)?.page === row.page);
      for (const { key, ...row } of taken) rows.set(key, { ...row, page });
      return taken;
    },
    async tag(keys, epoch) {
      for (const key of keys) {
        const row = rows.get(key);
        if (row) rows.set(key, { ...row, epoch });
      }
    },
    async remove(keys) {
      for (const key of keys) rows.delete(key);
    },
    close: () => undefined,
  };
}

/** Pages that share nothing but this object. */
export function memoryPages(): OpenPages {
  const held = new Set<string>();
  return {
    async hold(page) {
      held.add(page);
      return () => held.delete(page);
    },
    open: async () => new Set(held),
  };
}

/** A lock is let go by the browser itself when its page crashes. There are locks on secure sites and on localhost only. */
function browserPages(): OpenPages {
  const locks = typeof navigator === "undefined" ? undefined : navigator.locks;
  if (locks === undefined) return { hold: async () => () => undefined, open: async () => null };
  return {
    hold: (page) =>
      new Promise((resolve, reject) => {
        const held = () => new Promise<void>((release) => resolve(release));
        locks.request(`${LOCK}${page}`, held).catch(reject);
      }),
    async open() {
      const { held = [] } = await locks.query();
      const names = held.flatMap(({ name = "" }) => (name.startsWith(LOCK) ? [name.slice(LOCK.length)] : []));
      return new Set(names);
    },
  };
}

async function browserStore(): Promise<ChangeStore> {
  const database = await openDatabase();
  // Relaxed writes may be lost with the machine's power; unsent work exists nowhere else.
  const write = () => database.transaction(STORE, "readwrite", { durability: "strict" });
  return {
    async list(prefix) {
      const index = database.transaction(STORE).objectStore(STORE).index(OWNER);
      const range = IDBKeyRange.bound(prefix, `${prefix}\uffff`);
      const [keys, rows] = await Promise.all([
        done(index.getAllKeys(range)),
        done<(Omit<Row, "page"> & Partial<Row>)[]>(index.getAll(range)),
      ]);
      const found = rows.map(({ page = "", ...row }, at) => ({ ...row, page, key: Number(keys[at]) }));
      return found.sort((a, b) => a.key - b.key);
    },
    async add(row) {
      const transaction = write();
      const key = done(transaction.objectStore(STORE).add(row));
      await completed(transaction);
      return Number(await key);
    },
    async claim(rows, page) {
      const transaction = write();
      const store = transaction.objectStore(STORE);
      const taken: StoredChange[] = [];
      for (const { key, ...row } of rows) {
        const now = await done<Partial<Row> | undefined>(store.get(key));
        if (now === undefined || (now.page ?? "") !== row.page) continue;
        store.put({ ...row, page }, key);
        taken.push({ ...row, key });
      }
      await completed(transaction);
      return taken;
    },
    async tag(keys, epoch) {
      const transaction = write();
      const store = transaction.objectStore(STORE);
      for (const key of keys) {
        const row = await done<Partial<Row> | undefined>(store.get(key));
        if (row !== undefined) store.put({ ...row, epoch }, key);
      }
      await completed(transaction);
    },
    async remove(keys) {
      const transaction = write();
      for (const key of keys) transaction.objectStore(STORE).delete(key);
      await completed(transaction);
    },
    close: () => database.close(),
  };
}

async function openDatabase(): Promise<IDBDatabase> {
  const request = indexedDB.open(DATABASE, 1);
  request.onupgradeneeded = () => {
    request.result.createObjectStore(STORE, { autoIncrement: true }).createIndex(OWNER, "owner");
  };
  const database = await done(request);
  database.onversionchange = () => database.close();
  return database;
}

function done<T>(request: IDBRequest<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error ?? new Error("the browser's store failed"));
  });
}

/** A request that succeeded is on disk only with its transaction: a full disk shows at the end. */
function completed(transaction: IDBTransaction): Promise<void> {
  return new Promise((resolve, reject) => {
    transaction.oncomplete = () => resolve();
    transaction.onabort = () => reject(transaction.error ?? new Error("the browser's store took a change back"));
  });
}

/** `randomUUID` is there on secure sites only. */
function newPage(): string {
  return [...crypto.getRandomValues(new Uint32Array(4))].map((part) => part.toString(36)).join("-");
}
