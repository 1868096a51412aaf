// Rows that a page keeps in this browser. A database outlives a browser that is killed the moment
// after; localStorage, which is written to the disk seconds later, stands in where there is none.

const ROWS = "rows";

export class Stored {
  constructor(name) {
    this.name = name;
    this.database = openDatabase(name).catch(() => null);
  }

  async all() {
    const names = keptNames(`${this.name}/`);
    return [...(await this.allInDatabase()), ...names.map(kept).filter((row) => row?.entry)];
  }

  async allInDatabase() {
    const database = await this.database;
    if (!database) return [];
    return done(database.transaction(ROWS).objectStore(ROWS).getAll());
  }

  // Keep rows, each under its own id, so that two windows never write over one another; say whether
  // they are kept.
  async keep(rows) {
    if (!rows.length) return true;
    if (!(await this.keepInDatabase(rows)))
      return rows.every((row) => keepInBrowser(`${this.name}/${row.entry}`, row));
    keepInBrowser(`${this.name}.newest`, rows.at(-1).entry); // other windows hear of it
    return true;
  }

  async keepInDatabase(rows) {
    try {
      const database = await this.database;
      const step = database.transaction(ROWS, "readwrite", { durability: "strict" });
      for (const row of rows) step.objectStore(ROWS).put(row);
      await new Promise((resolve, reject) => {
        step.oncomplete = resolve;
        step.onabort = () => reject(step.error);
      });
      return true;
    } catch {
      return false;
    }
  }

  // Forget rows, by their ids, once they are written elsewhere.
  async drop(ids) {
    for (const id of ids) forget(`${this.name}/${id}`);
    const database = await this.database;
    if (!database) return;
    const rows = database.transaction(ROWS, "readwrite").objectStore(ROWS);
    for (const id of ids) rows.delete(id);
  }

  // Call when another window has kept something.
  watch(changed) {
    window.addEventListener("storage", (event) => event.key?.startsWith(this.name) && changed());
  }
}

async function openDatabase(name) {
  const request = indexedDB.open(name, 1);
  request.onupgradeneeded = () => request.result.createObjectStore(ROWS, { keyPath: "entry" });
  return done(request);
}

function done(request) {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
    request.onblocked = () => reject(new Error("blocked"));
  });
}
