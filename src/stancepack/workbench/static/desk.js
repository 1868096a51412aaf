// What the pages of all desks have: what is written, undo, keys, a list of units, and closing.

export class DeskPage {
  // `workbench` is where the round comes from and where entries go: see served.js. A page has
  // actions() for keys, showUnit(), showAct(unit, became, changes), open(number) and
  // marksOf(unit, number); where it has an introduction(), begin() too, for when that is read.
  constructor(round, workbench) {
    this.round = round;
    this.workbench = workbench;
    this.units = round.units;
    this.codebook = new CodebookShown(round.codebook);
    this.saving = new Saving(nameOf(round), (entries) => workbench.write(entries, round.task), {
      shown: (state, problem) => showSaving(state, problem, workbench.saving),
      conflicted: (theirs, own) => this.askWhich(theirs, own),
      answered: (answer) => this.answered(answer),
      rejected: (entry, problem) => this.tellRejected(entry, problem),
      stored: round.stored,
    });
    this.saving.begin(round.entries, round.unsent);
    this.acts = new Acts(this.saving, (...act) => this.showAct(...act));
    this.keys = new Keys(this.actions(), this.keysAsBound(), (bound) => {
      this.saving.write("", "keys", JSON.stringify(bound));
      this.keysBound();
    });
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

  // What is shown with keys on it is shown anew.
  keysBound() {}

  // What somebody set for all that they do here, in this task or an earlier one.
  setting(name) {
    return this.saving.value("", name) || this.round.settings?.[name] || "";
  }

  // How things go here, until somebody has understood it; then it stands above the keys.
  showIntroduction() {
    const box = byId("introduction");
    box.hidden = this.setting("introduced") === "yes";
    this.keys.introduction = () => this.introduction();
    const understood = () => {
      this.saving.write("", "introduced", "yes");
      this.showIntroduction();
      this.begin();
    };
    box.replaceChildren(
      this.introduction(),
      element("button", { type: "button", onclick: understood }, "Understood"),
    );
  }

  keysAsBound() {
    try {
      return JSON.parse(this.setting("keys")) ?? {};
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
      const { task, entries } = await this.workbench.state();
      if (task !== this.round.task && this.saving.isSaved) location.reload();
      if (task !== this.round.task) return;
      this.saving.refresh(entries);
      if (!this.keys.isStopped) this.showAnew();
    } catch {
      // nobody answers: what is written next will say so
    }
  }

  // Show what another window may have changed.
  showAnew() {
    this.showUnit();
  }

  // Ask which value stands; of a setting, the last one does.
  askWhich(theirs, own) {
    if (!own.unit) return this.saving.choose(own, own.value);
    const choose = (value) => {
      this.saving.choose(own, value);
      this.showAnew();
    };
    showConflict({ ...theirs, unit: this.unitName(theirs.unit) }, own, choose, this.names);
    this.showAnew();
  }

  // A unit, a field, and a value of it, as people call them.
  unitName(unit) {
    return unit;
  }

  fieldName(field) {
    return field;
  }

  valueName(field, value) {
    return value;
  }

  get names() {
    return {
      field: (field) => this.fieldName(field),
      value: (field, value) => this.valueName(field, value),
    };
  }

  tellRejected(entry, problem) {
    showRejected(entry, problem);
    this.lookAgain();
  }

  // On a narrow page scale and rules are a sheet that is opened.
  showGuideSheet(isOpen) {
    byId("guide").classList.toggle("open", isOpen);
    byId("open-guide").setAttribute("aria-expanded", String(isOpen));
  }

  // Leave a unit for another one.
  goTo(choose) {
    this.open(choose());
  }

  openOverview(mark = "") {
    const { units, current } = this;
    const marksOf = (unit, number) => this.marksOf(unit, number);
    const open = (number) => this.goTo(() => number);
    showOverview({ units, current: current.unit, marksOf, open }, mark);
  }

  // Close the task. `goOn` and `again` name what comes after it, and after a refusal.
  async close(goOn = "", again = "Go on") {
    say("Checking and sealing …");
    await this.saving.saved();
    try {
      const { said } = await this.workbench.close();
      this.showEnd("Done", said, goOn);
    } catch (fault) {
      this.showEnd("Not closed", fault.message, again);
    }
  }

  // A word in the place of all else, with a way on if there is one.
  showEnd(title, said, goOn) {
    const notice = element(
      "section",
      { class: "notice", tabindex: "-1", "aria-labelledby": "end-title" },
      element("h2", { id: "end-title" }, title),
      element("pre", {}, said),
      goOn ? element("button", { type: "button", onclick: () => location.reload() }, goOn) : "",
    );
    this.keys.stop();
    document.querySelector("main").replaceChildren(notice);
    const rest = document.querySelectorAll("nav, aside, #introduction, #open-guide");
    for (const box of rest) box.remove();
    say("");
    notice.focus();
  }
}

// What is kept in this browser for one person's work, and for no other's.
function nameOf({ units_sha256, task, person }) {
  return [units_sha256, task, person].join("/");
}

export async function startPage(Page, workbench) {
  try {
    const round = await workbench.state();
    round.stored = new Stored(`stancepack-unsent/${nameOf(round)}`);
    round.unsent = await round.stored.all();
    new Page(round, workbench);
  } catch (fault) {
    byId("saving").textContent = "";
    document.querySelector("main").replaceChildren(
      element("p", { class: "problem", role: "alert" }, fault.message),
    );
  }
}
