// A round that was taken along: page and codes in one file, which asks nobody for anything. What is
// written is kept in this browser at once, and is in the file when the coder saves it anew.

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
    const href = URL.createObjectURL(html);
    const link = element("a", { href, download: `${name}-${minute}.html` });
    link.click();
    setTimeout(() => URL.revokeObjectURL(href), RELEASE);
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
      "All is kept in this browser at once. Before you stop, save it to a file; open that file " +
      "to go on, here or on another machine.";
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
