// The page of a unitiser: a whole text, the passages marked in it, and what each of them says.

class UnitisePage extends DeskPage {
  constructor(task, workbench) {
    super(task, workbench);
    this.problems = task.problems;
    this.current = ""; // id of the unit that the boxes show
    this.marked = new MarkedText(byId("text"), {
      selected: () => this.showSelection(),
      opened: (offset) => this.openAt(offset),
    });
    this.pane = new TextPane(task.texts, this.marked, () => this.showUnit());
    showRules(this.codebook);
    this.connect();
    this.showForm();
    this.showUnit();
    this.marked.box.focus();
  }

  // ---- the units

  // The units that are there, as they stand in the texts.
  get all() {
    const order = this.round.texts.map(({ id }) => id);
    const ids = new Set(Array.from(this.saving.known.values(), (entry) => entry.unit));
    const units = Array.from(ids, (id) => this.unitOf(id)).filter(Boolean);
    return units.sort(
      (one, other) =>
        order.indexOf(one.source) - order.indexOf(other.source) ||
        one.start - other.start ||
        one.end - other.end,
    );
  }

  unitOf(id) {
    if (!id || this.value("deleted", id)) return null;
    const span = spanOf(this.value("passage", id));
    return span && { id, ...span };
  }

  isWhole(unit) {
    return (this.problems[unit.id] ?? []).length === 0;
  }

  answered(answer) {
    Object.assign(this.problems, answer.problems);
    for (const id of Object.keys(answer.problems ?? {})) this.showRow(id);
    this.showProgress(this.all);
    this.showProblems();
  }

  // ---- acts

  mark() {
    const span = this.marked.taken();
    if (!span) return say("Select the words of a statement first.");
    const id = newId();
    this.problems[id] = ["name the speaker."];
    this.current = id;
    this.acts.act(id, [["passage", passageText({ ...span, source: this.pane.source })]]);
    this.showForm();
    this.write();
    say("Marked. Name the speaker.");
  }

  move() {
    const span = this.marked.taken();
    const unit = this.unitOf(this.current);
    if (!span || !unit) return say("Open a unit, and select the words that it is to have.");
    this.acts.act(unit.id, [["passage", passageText({ ...span, source: this.pane.source })]]);
    say("The unit has this passage now.");
  }

  // Take the selected words as the speaker's own, after those that are taken already.
  quote() {
    const unit = this.unitOf(this.current);
    const span = this.marked.taken();
    const isHere = unit && span && unit.source === this.pane.source;
    if (!isHere || span.start < unit.start || span.end > unit.end)
      return say("Open a unit, and select words inside of its passage.");
    const words = this.marked.wordsOf(span);
    const before = this.value("quote", unit.id);
    this.acts.act(unit.id, [["quote", before ? `${before} | ${words}` : words]]);
    this.showForm();
    say(`Own words: ${words}`);
  }

  remove() {
    const unit = this.unitOf(this.current);
    if (!unit) return say("Open the unit that is to go.");
    this.current = "";
    this.acts.act(unit.id, [["deleted", "yes"]]);
    this.showForm();
    this.toText();
    say("Deleted. Undo brings it back.");
  }

  // Write what is typed into a box; nothing but its unit's row is shown anew.
  type(id, field, text, visit) {
    this.isTyping = true;
    this.acts.act(id, [[field, text]], visit);
    this.isTyping = false;
  }

  showAct(id, became) {
    if (this.isTyping) return this.showRow(id);
    if (became !== "done") {
      this.current = this.unitOf(id) ? id : "";
      this.showForm();
    }
    this.showUnit();
  }

  // ---- going from one to another

  open(id) {
    const unit = this.unitOf(id);
    if (!unit) return;
    this.current = id;
    if (unit.source !== this.pane.source) this.pane.show(unit.source);
    this.marked.select(unit);
    this.showForm();
    this.showUnit();
  }

  step(by) {
    const units = this.all;
    if (!units.length) return say("Nothing is marked yet.");
    const at = units.findIndex((unit) => unit.id === this.current);
    const to = at < 0 ? (by > 0 ? 0 : units.length - 1) : at + by;
    if (!units[to]) return say(by > 0 ? "That was the last unit." : "That was the first unit.");
    this.open(units[to].id);
  }

  // Open the shortest unit that has a place in the text.
  openAt(offset) {
    const here = this.all.filter(
      (unit) => unit.source === this.pane.source && unit.start <= offset && offset < unit.end,
    );
    here.sort((one, other) => one.end - one.start - (other.end - other.start));
    if (here.length) this.open(here[0].id);
  }

  write() {
    const box = byId("unit").querySelector("[data-field]");
    if (box) box.focus();
    else say("Open a unit first.");
  }

  toText() {
    byId("text").focus({ preventScroll: true });
  }

  // ---- what is shown

  showUnit() {
    this.showHighlights();
    this.showList();
    this.showProblems();
  }

  unitName(id) {
    return `Unit ${this.all.findIndex((unit) => unit.id === id) + 1 || "that was deleted"}`;
  }

  valueName(field, value) {
    const span = field === "passage" && spanOf(value);
    return span ? beginning(this.pane.wordsOf(span)) : value;
  }

  // A box that somebody types in is left alone.
  showAnew() {
    if (!byId("unit").contains(document.activeElement)) this.showForm();
    this.showUnit();
  }

  showHighlights() {
    const here = this.all.filter((unit) => unit.source === this.pane?.source);
    this.marked?.highlight("marked", here);
    this.marked?.highlight("current", here.filter((unit) => unit.id === this.current));
    this.showSelection();
  }

  showSelection() {
    const span = this.marked?.span;
    this.marked?.highlight("chosen", span ? [span] : []);
    const words = span ? beginning(this.marked.wordsOf(span), 300) : "";
    byId("selected").textContent = words ? `Selected: ${words}` : "Nothing is selected.";
    for (const id of ["mark", "quote", "move"]) byId(id).disabled = !span;
  }

  showList() {
    const units = this.all;
    this.showProgress(units);
    byId("list").replaceChildren(
      ...units.map((unit) => element("li", { "data-unit": unit.id }, this.row(unit))),
    );
  }

  showProgress(units) {
    const open = units.filter((unit) => !this.isWhole(unit)).length;
    byId("progress").textContent =
      `${counted(units.length, "unit")}${open ? `, ${open} not complete` : ""}`;
  }

  showRow(id) {
    const row = byId("list").querySelector(`[data-unit="${CSS.escape(id)}"]`);
    const unit = this.unitOf(id);
    if (row && unit) row.replaceChildren(this.row(unit));
  }

  row(unit) {
    const speaker = this.value("speaker", unit.id);
    return element(
      "button",
      {
        type: "button",
        class: "unit",
        "aria-current": unit.id === this.current ? "true" : undefined,
        onclick: () => this.open(unit.id),
      },
      speaker ? element("b", {}, `${this.nameOf(speaker)}: `) : "",
      beginning(this.value("proposition", unit.id) || this.pane.wordsOf(unit)),
      this.isWhole(unit) ? "" : element("em", {}, " not complete"),
    );
  }

  nameOf(speaker) {
    return this.round.actors.find((actor) => actor.id === speaker)?.name ?? speaker;
  }

  showForm() {
    const unit = this.unitOf(this.current);
    byId("unit").hidden = !unit;
    if (!unit) return byId("unit").replaceChildren();
    const boxes = new UnitBoxes(this.round, {
      read: (field) => this.value(field, unit.id),
      write: (field, text, visit) => this.type(unit.id, field, text, visit),
      leave: () => this.toText(),
    });
    byId("unit").replaceChildren(
      element("p", { class: "problem", id: "problems", role: "status", hidden: true }),
      boxes.speaker(),
      boxes.text("quote", "The speaker's own words in the passage, pieces parted by “ | ”"),
      boxes.text("proposition", "Proposition: what the speaker says, in one sentence of yours"),
      boxes.systems(),
      labelled("Date, as the text has it (EDTF; may stay empty)", boxes.line("date")),
      labelled("Place or occasion, as the text has it", boxes.line("venue")),
      boxes.text("note", "Note: which rule, and why"),
      element(
        "p",
        {},
        element("button", { type: "button", onclick: () => this.toText() }, "Back to the text"),
        element(
          "button",
          { type: "button", onclick: () => this.remove() },
          "Delete this unit",
          this.keys.cap("remove"),
        ),
      ),
    );
    this.showProblems();
  }

  showProblems() {
    const box = byId("problems");
    if (!box) return;
    const problems = this.problems[this.current] ?? [];
    box.textContent = problems.join(" ");
    box.hidden = problems.length === 0;
  }

  // ---- keys, and closing

  actions() {
    return {
      mark: { label: "mark what is selected", key: "Enter", run: () => this.mark() },
      quote: { label: "the selected words are quoted", key: "q", run: () => this.quote() },
      move: { label: "give the unit the selected passage", key: "m", run: () => this.move() },
      write: { label: "write on the unit", key: "w", run: () => this.write() },
      next: { label: "next unit", key: "n", repeats: true, run: () => this.step(1) },
      previous: { label: "previous unit", key: "p", repeats: true, run: () => this.step(-1) },
      remove: { label: "delete the unit", key: "Delete", run: () => this.remove() },
      text: { label: "go to the text", key: "t", run: () => this.toText() },
      "next text": { label: "next text", key: "o", run: () => this.pane.next() },
      undo: { label: "undo", key: "u", run: () => this.acts.undo() },
      redo: { label: "do again", key: "r", run: () => this.acts.redo() },
      search: { label: "search in the rules", key: "/", run: () => this.codebook.openSearch() },
      keys: { label: "these keys", key: "?", run: () => this.keys.open() },
    };
  }

  askToClose() {
    const units = this.all;
    const open = units.filter((unit) => !this.isWhole(unit)).length;
    const state = open ? `${counted(open, "unit")} not complete.` : "Each of them is complete.";
    byId("closing").querySelector(".content").replaceChildren(
      element("p", {}, `${counted(units.length, "unit")}. ${state}`),
      element("p", {}, "Closing seals your list: nobody, you included, changes it afterwards."),
    );
    byId("close-now").disabled = open > 0 || units.length === 0;
    byId("closing").showModal();
  }

  connect() {
    for (const name of ["mark", "quote", "move"]) {
      byId(name).append(this.keys.cap(name));
      this.onClick(name, () => this[name]());
    }
    this.onClick("close", () => this.askToClose());
    byId("unit").addEventListener("submit", (event) => event.preventDefault());
    byId("closing").addEventListener("close", (event) => {
      if (event.target.returnValue === "close") this.close();
    });
  }
}

const start = (workbench) => startPage(UnitisePage, workbench);
