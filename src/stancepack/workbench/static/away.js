// A round that was taken along: page and codes in one file, which asks nobody for anything. What is
// written is kept in this browser at once, and is in the file when the coder saves it anew.

// All entries of the coder, each field's in order; see merging.py, which does the same in Python.
class Log {
  constructor(rows) {
    this.rows = [];
    this.fields = new Map(); // the newest row of each field
    this.ids = new Set();
    for (const row of rows) this.add(row);
  }

  add(row) {
    this.rows.push(row);
    this.fields.set(keyOf(row), row);
    this.ids.add(row.entry);
    return row;
  }

  newest(unit, field) {
    return this.fields.get(keyOf({ unit, field }));
  }

  // An entry that was kept beside has the id of the one that it is, after a tilde.
  knows(id) {
    return this.ids.has(id) || this.ids.has(`~${id}`);
  }

  // The next entry of a field, and which one it came after.
  next(unit, field, value, id) {
    const before = this.newest(unit, field);
    const revision = (before?.revision ?? 0) + 1;
    return this.add({ unit, field, revision, value, entry: id, after: before?.entry ?? "" });
  }

  // Take rows of another place; return those that are new because both places had gone on.
  merge(rows) {
    const missing = new Map();
    for (const row of rows) {
      if (this.knows(row.entry)) continue;
      missing.set(keyOf(row), [...(missing.get(keyOf(row)) ?? []), row]);
    }
    // what was kept beside comes last: it is compared with what then stands
    const isBeside = ([own]) => Number(own.field.startsWith(ELSEWHERE));
    const fields = [...missing.values()].sort((one, other) => isBeside(one) - isBeside(other));
    return fields.flatMap((own) => this.take(own));
  }

  take(rows) {
    const { unit, field, after } = rows[0];
    const newest = this.newest(unit, field);
    if (!newest || after === newest.entry) {
      for (const row of rows) this.add(row);
      return [];
    }
    return isAsked(rows[0]) ? this.keepBeside(unit, field, rows) : [];
  }

  keepBeside(unit, field, rows) {
    const asked = field.startsWith(ELSEWHERE) ? field.slice(ELSEWHERE.length) : field;
    const beside = `${ELSEWHERE}${asked}`;
    const own = this.newest(unit, asked)?.value ?? "";
    const before = valuesElsewhere(this.newest(unit, beside)?.value);
    return rows.map((row) => {
      const others = field === asked ? [row.value] : valuesElsewhere(row.value);
      const kept = [...new Set([...before, ...others])].filter((value) => value !== own);
      const text = kept.length ? JSON.stringify(kept) : "";
      return this.next(unit, beside, text, `~${row.entry}`);
    });
  }
}

// Not asked about are how somebody worked, and settings, which have no unit: the file's stand.
function isAsked({ unit, field }) {
  return unit !== "" && field !== "seconds" && field !== "skip";
}

// The round in the file, as a page asks a workbench: what it shows, and where entries go.
class TakenRound {
  constructor() {
    this.blank = document.documentElement.cloneNode(true); // as it came: nothing is shown yet
    this.taken = JSON.parse(byId("taken").textContent);
    this.stored = new Stored(`stancepack-taken/${this.taken.id}`);
    this.log = new Log(this.taken.entries);
    this.inFile = new Set(this.log.ids);
    this.unsaved = new Set(); // fields with entries that are in no file
    this.isKept = true;
    this.saving = { waiting: "Not kept yet", saving: "Keeping …" };
  }

  async state() {
    const rows = await this.stored.all();
    rows.sort((one, other) => one.revision - other.revision);
    await this.keep(this.log.merge(rows));
    this.count(this.log.rows);
    this.show();
    return { ...this.taken.round, entries: [...this.log.fields.values()] };
  }

  async write(entries) {
    const wrong = entries.find(({ value }) => value.length > LONGEST || !value.isWellFormed());
    if (wrong)
      throw Object.assign(new Error(`a text has at most ${LONGEST} characters.`), wrong);
    const conflicts = [];
    const rows = [];
    for (const { unit, field, revision, value, entry } of entries) {
      if (this.log.ids.has(entry)) continue;
      const newest = this.log.newest(unit, field);
      if (revision !== (newest?.revision ?? 0) + 1) conflicts.push(newest);
      else rows.push(this.log.next(unit, field, value, entry));
    }
    await this.keep(rows);
    this.count(rows);
    this.show();
    return { written: entries.map((entry) => entry.entry), conflicts };
  }

  async keep(rows) {
    this.isKept = (await this.stored.keep(rows)) && this.isKept;
  }

  count(rows) {
    for (const row of rows)
      if (isAsked(row) && !this.inFile.has(row.entry)) this.unsaved.add(keyOf(row));
  }

  isUnsafe() {
    return this.unsaved.size > 0;
  }

  show() {
    const number = this.unsaved.size;
    this.saving.saved = this.isKept ? "Kept in this browser" : "Not kept by this browser";
    const where = this.isKept ? "only in this browser" : "only in this window, which keeps nothing";
    if (!byId("unsaved")) return;
    byId("unsaved").textContent = number
      ? `${number} ${number === 1 ? "entry" : "entries"} ${where}, not yet in a file`
      : "All entries are in a file";
    byId("unsaved").dataset.state = number ? "waiting" : "saved";
  }

  // Give the file anew, with all entries in it.
  save() {
    const saved = new Date().toISOString();
    const taken = { ...this.taken, saved, entries: this.log.rows };
    const copy = this.blank.cloneNode(true);
    const inside = JSON.stringify(taken).replaceAll("<", "\\u003c");
    copy.querySelector("#taken").textContent = inside;
    const html = new Blob([`<!doctype html>\n${copy.outerHTML}\n`], { type: "text/html" });
    const name = `${this.taken.project}-${this.taken.task}-${this.taken.person}`;
    const minute = saved.slice(0, 16).replace(/[-:]/g, "").replace("T", "-");
    const link = element("a", { href: URL.createObjectURL(html), download: `${name}-${minute}.html` });
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), RELEASE);
    this.inFile = new Set(this.log.ids);
    this.unsaved.clear();
    this.show();
    return link.download;
  }
}

const LONGEST = 20000; // as the workbench, which would not take a longer one back
const RELEASE = 60000; // milliseconds until the browser has surely written the file

class AwayPage extends CodePage {
  connect() {
    super.connect();
    const save = () => this.save();
    byId("open-overview").before(
      element("button", { type: "button", id: "save-file", onclick: save }, "Save to a file"),
    );
    byId("saving").after(element("p", { id: "unsaved" }));
    document.addEventListener("keydown", (event) => {
      if (!(event.ctrlKey || event.metaKey) || event.key.toLowerCase() !== "s") return;
      event.preventDefault();
      this.save();
    });
    this.workbench.stored.watch(() => this.lookAgain());
    this.workbench.show();
  }

  get words() {
    const last = "Save to a file and give that file back; the round is closed at the workbench.";
    const goOn =
      "All is kept in this browser at once. Before you stop, save it to a file; open that file to " +
      "go on, here or on another machine.";
    return { close: "Finish", now: "Save to a file", last, goOn };
  }

  askToClose() {
    super.askToClose();
    byId("close-now").disabled = false;
  }

  close() {
    return this.save();
  }

  async save() {
    document.activeElement?.dispatchEvent(new Event("change")); // a text that is being typed
    await this.saving.saved();
    say(`Saved as ${this.workbench.save()}, among the downloads. Give back the newest one.`);
  }
}

startPage(AwayPage, new TakenRound());
