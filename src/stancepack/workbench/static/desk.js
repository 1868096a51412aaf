// What the pages of all desks have: what is written, undo, keys, a list of units, and closing.

export class DeskPage {
  // `workbench` is where the round comes from and where entries go: see served.js. A page has
  // actions() for keys, showUnit(), showAct(unit, became), open(number) and marksOf(unit).
  constructor(round, workbench) {
    this.round = round;
    this.workbench = workbench;
    this.units = round.units;
    this.codebook = new CodebookShown(round.codebook);
    const name = [round.units_sha256, round.task, round.person].join("/");
    this.saving = new Saving(name, (entries) => workbench.write(entries), {
      shown: (state, problem) => showSaving(state, problem, workbench.saving),
      conflicted: (theirs, own) => this.askWhich(theirs, own),
      answered: (answer) => this.answered(answer),
      rejected: (entry, problem) => this.tellRejected(entry, problem),
    });
    this.saving.begin(round.entries);
    this.acts = new Acts(this.saving, (unit, became) => this.showAct(unit, became));
    this.keys = new Keys(this.actions(), this.keysAsBound(), (bound) =>
      this.saving.write("", "keys", JSON.stringify(bound)),
    );
    this.connectTools();
  }

  get unit() {
    return this.units[this.current.unit];
  }

  value(field, unit = this.unit.id) {
    return this.saving.value(unit, field);
  }

  // What the workbench says beside that entries are written.
  answered() {}

  keysAsBound() {
    try {
      return JSON.parse(this.saving.value("", "keys")) ?? {};
    } catch {
      return {};
    }
  }

  onClick(id, run) {
    byId(id).addEventListener("click", run);
  }

  connectTools() {
    this.onClick("undo", () => this.acts.undo());
    this.onClick("redo", () => this.acts.redo());
    this.onClick("open-search", () => this.codebook.openSearch());
    this.onClick("open-keys", () => this.keys.open());
    undoWithControl(() => this.acts.undo(), () => this.acts.redo());
    window.addEventListener("focus", () => this.lookAgain());
    window.addEventListener("beforeunload", (event) => {
      if (!this.saving.isSaved || this.workbench.isUnsafe?.()) event.preventDefault();
    });
    watchKeyboard(byId("keyboard-lost"));
  }

  // Another window may have written meanwhile.
  async lookAgain() {
    try {
      this.saving.refresh((await this.workbench.state()).entries);
      this.showUnit();
    } catch {
      // nobody answers: what is written next will say so
    }
  }

  askWhich(theirs, own) {
    showConflict(theirs, own, (value) => {
      this.saving.choose(own, value);
      this.showUnit();
    });
    this.showUnit();
  }

  tellRejected(entry, problem) {
    showRejected(entry, problem);
    this.lookAgain();
  }

  // The list of units with what is marked on each, to open one.
  openOverview() {
    const rows = this.units.map((unit, number) => {
      const open = () => {
        byId("overview").close();
        this.open(number);
      };
      return element(
        "tr",
        {},
        element("td", {}, element("button", { type: "button", onclick: open }, String(number + 1))),
        element("td", {}, unit.id),
        element("td", {}, this.marksOf(unit).filter(Boolean).join(", ")),
      );
    });
    const head = ["Statement", "Id", "State"].map((name) => element("th", { scope: "col" }, name));
    const table = element("table", {}, element("tr", {}, ...head), ...rows);
    byId("overview").querySelector(".content").replaceChildren(table);
    byId("overview").showModal();
  }

  // Close the task. `goOn` and `again` name what comes after it, and after a refusal, if anything.
  async close(goOn = "", again = "") {
    await this.saving.saved();
    const main = document.querySelector("main");
    const reload = (label) =>
      label ? element("button", { type: "button", onclick: () => location.reload() }, label) : "";
    try {
      const { said } = await this.workbench.close();
      main.replaceChildren(
        element(
          "section",
          { class: "notice" },
          element("h2", {}, "Done"),
          element("pre", {}, said),
          reload(goOn),
        ),
      );
    } catch (fault) {
      const problem = element("pre", { class: "problem", role: "alert" }, fault.message);
      main.prepend(...[reload(again), problem].filter(Boolean));
    }
  }
}

export async function startPage(Page, workbench) {
  try {
    new Page(await workbench.state(), workbench);
  } catch (fault) {
    byId("saving").textContent = fault.message;
    byId("saving").dataset.state = "refused";
  }
}
