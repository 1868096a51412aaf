// The page of who merges two unit lists: what the two have, side by side, and what becomes of it.

const EMPTIED = " "; // how a box is written that somebody emptied: nothing is what an undo leaves
const NAMES = {
  first: "Take the left one",
  second: "Take the right one",
  both: "Take both, as two",
  other: "Another passage",
  none: "Take none",
};

class MergePage extends DeskPage {
  constructor(task, workbench) {
    super(task, workbench);
    this.problems = task.problems;
    this.current = { unit: 0 };
    this.marked = new MarkedText(byId("text"), {
      selected: () => this.showSelection(),
      opened: (offset) => this.openAt(offset),
    });
    this.pane = new TextPane(task.texts, this.marked, () => this.showUnit());
    showRules(this.codebook);
    byId("agreement").textContent = task.agreement;
    this.connect();
    this.showForAll();
    this.open(Math.max(this.firstOpen(), 0));
  }

  // ---- what is decided

  // What came of a unit of the lists: what was written, else what the list has.
  cell(side, field) {
    const own = this.value(`${side}/${field}`);
    return own ? own.trim() : (this.given(side)[field] ?? "");
  }

  given(side) {
    return this.unit[side] ?? this.unit.first ?? this.unit.second;
  }

  spanOfSide(side) {
    const { source, start, end } = this.given(side);
    const own = spanOf(this.value(`${side}/passage`));
    return own ?? { source, start: Number(start), end: Number(end) };
  }

  // The sides of the unit that are taken.
  get sides() {
    const choice = this.value("choice");
    if (choice === "both") return ["first", "second"];
    return ["first", "second", "other"].filter((side) => side === choice);
  }

  isWhole(unit) {
    return (this.problems[unit.id] ?? []).length === 0;
  }

  answered(answer) {
    Object.assign(this.problems, answer.problems);
    for (const id of Object.keys(answer.problems ?? {})) this.showRow(id);
    this.showProgress();
    this.showProblems();
  }

  choose(choice) {
    if (!this.unit.choices.includes(choice)) return say("Only one of the lists has this one.");
    this.acts.act(this.unit.id, [["choice", choice]]);
    this.showForm();
    say(`${NAMES[choice]}.`);
  }

  move(side = this.sides[0]) {
    const span = this.marked.taken();
    if (!side) return say("Decide first; “another passage” starts from what is marked.");
    if (!span) return say("Select the passage in the text.");
    this.acts.act(this.unit.id, [
      [`${side}/passage`, passageText({ ...span, source: this.pane.source })],
    ]);
    this.showForm();
    say("This is the passage now.");
  }

  takeAgreed() {
    const agreed = this.units.filter((unit) => unit.is_agreed && !this.value("choice", unit.id));
    for (const unit of agreed) this.acts.act(unit.id, [["choice", "first"]]);
    this.showForm();
    say(`${counted(agreed.length, "unit")} taken as the left list words them.`);
  }

  // Write what is typed into a box; nothing but its row is shown anew.
  type(id, field, text, visit) {
    this.isTyping = true;
    this.acts.act(id, [[field, text]], visit);
    this.isTyping = false;
  }

  showAct(id, became) {
    if (this.isTyping) return this.showRow(id);
    const number = this.units.findIndex((unit) => unit.id === id);
    if (became !== "done" && number >= 0) this.open(number);
    if (became !== "done") this.showForAll();
    this.showUnit();
  }

  // ---- going from one to another

  firstOpen(after = -1) {
    const order = this.units.map((_, number) => (number + after + 1) % this.units.length);
    return order.find((number) => !this.isWhole(this.units[number])) ?? -1;
  }

  async goOn() {
    await this.saving.saved(); // a decision is on the disk before the next one shows
    const next = this.firstOpen(this.current.unit);
    if (next < 0) this.askToClose();
    else this.open(next);
  }

  step(by) {
    const to = this.current.unit + by;
    if (!this.units[to]) return say(by > 0 ? "That was the last one." : "That was the first one.");
    this.open(to);
  }

  open(number) {
    this.current = { unit: number };
    const span = this.spanOfSide(this.sides[0] ?? "first");
    if (span.source !== this.pane.source) this.pane.show(span.source);
    this.marked.select(span);
    this.showForm();
    this.showUnit();
    document.querySelector(".unit[aria-current]")?.scrollIntoView({ block: "nearest" });
  }

  openAt(offset) {
    const isHere = (row) =>
      row?.source === this.pane.source && Number(row.start) <= offset && offset < Number(row.end);
    const number = this.units.findIndex((unit) => isHere(unit.first) || isHere(unit.second));
    if (number >= 0) this.open(number);
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
    return `Unit ${this.units.findIndex((unit) => unit.id === id) + 1}`;
  }

  fieldName(field) {
    return field.replace(/^(first|second|other)\//, "");
  }

  valueName(field, value) {
    const span = field.endsWith("/passage") && spanOf(value);
    return span ? beginning(this.pane.wordsOf(span)) : (NAMES[value] ?? value);
  }

  // A box that somebody types in is left alone.
  showAnew() {
    if (!byId("unit").contains(document.activeElement)) this.showForm();
    this.showUnit();
  }

  showHighlights() {
    const spans = (side) =>
      this.units
        .map((unit) => unit[side])
        .filter((row) => row?.source === this.pane.source)
        .map((row) => ({ start: Number(row.start), end: Number(row.end) }));
    const taken = this.sides.map((side) => this.spanOfSide(side));
    this.marked.highlight("marked", spans("first"));
    this.marked.highlight("second", spans("second"));
    this.marked.highlight("current", taken.filter(({ source }) => source === this.pane.source));
  }

  showSelection() {
    const span = this.marked?.span;
    this.marked?.highlight("chosen", span ? [span] : []);
    const words = span ? beginning(this.marked.wordsOf(span), 300) : "";
    byId("selected").textContent = words ? `Selected: ${words}` : "Nothing is selected.";
  }

  showList() {
    this.showProgress();
    byId("list").replaceChildren(
      ...this.units.map((unit) => element("li", { "data-unit": unit.id }, this.row(unit))),
    );
  }

  showProgress() {
    const left = this.units.filter((unit) => !this.isWhole(unit)).length;
    byId("progress").textContent = `${this.units.length - left} of ${this.units.length} decided`;
  }

  showRow(id) {
    const row = byId("list").querySelector(`[data-unit="${CSS.escape(id)}"]`);
    const unit = this.units.find((candidate) => candidate.id === id);
    if (row && unit) row.replaceChildren(this.row(unit));
  }

  row(unit) {
    const number = this.units.indexOf(unit);
    const head = unit.first ?? unit.second;
    const state = this.isWhole(unit) ? "" : this.value("choice", unit.id) ? "not complete" : "open";
    const which = unit.first && unit.second ? "" : unit.first ? " (left only)" : " (right only)";
    return element(
      "button",
      {
        type: "button",
        class: "unit",
        "aria-current": number === this.current.unit ? "true" : undefined,
        onclick: () => this.open(number),
      },
      element("b", {}, `${number + 1} ${this.nameOf(head.speaker)}: `),
      `${beginning(head.proposition, 60)}${which} `,
      state ? element("em", {}, state) : "",
    );
  }

  nameOf(speaker) {
    return this.round.actors.find((actor) => actor.id === speaker)?.name ?? speaker;
  }

  showForm() {
    const { unit } = this;
    byId("pair-title").textContent = `Unit ${this.current.unit + 1} of ${this.units.length}`;
    byId("sides").replaceChildren(this.card("first", "Left"), this.card("second", "Right"));
    byId("choices").replaceChildren(
      ...unit.choices.map((choice) =>
        element(
          "button",
          {
            type: "button",
            "aria-pressed": String(this.value("choice") === choice),
            onclick: () => this.choose(choice),
          },
          NAMES[choice],
          this.keys.cap(choice),
        ),
      ),
    );
    byId("unit").replaceChildren(
      element("p", { class: "problem", id: "problems", role: "status", hidden: true }),
      this.reasonBox(),
      ...this.sides.map((side) => this.resultBoxes(side)),
    );
    this.showProblems();
  }

  card(side, name) {
    const row = this.unit[side];
    if (!row) return element("section", { class: "side" }, element("h3", {}, name), "Not marked.");
    const facts = ["quote", "proposition", "systems", "date", "venue", "note"]
      .filter((field) => row[field])
      .flatMap((field) => [element("dt", {}, field), element("dd", {}, row[field])]);
    const span = { ...row, start: Number(row.start), end: Number(row.end) };
    return element(
      "section",
      { class: "side", "aria-label": name },
      element("h3", {}, `${name}: ${this.nameOf(row.speaker)}`),
      element("p", {}, element("mark", { class: side }, this.pane.wordsOf(span))),
      element("dl", {}, ...facts),
    );
  }

  reasonBox() {
    const boxes = this.boxesOf("");
    return boxes.text("reason", "Reason, with the rule");
  }

  // Boxes that write into fields of a side, or of the unit itself where none is named.
  boxesOf(side) {
    const { id } = this.unit;
    const field = (name) => (side ? `${side}/${name}` : name);
    return new UnitBoxes(this.round, {
      read: (name) => (side ? this.cell(side, name) : this.value(name, id)),
      write: (name, text, visit) =>
        this.type(id, field(name), text || (side ? EMPTIED : ""), visit),
      leave: () => this.toText(),
    });
  }

  resultBoxes(side) {
    const boxes = this.boxesOf(side);
    const names = { first: "From the left", second: "From the right" };
    const title = this.sides.length > 1 ? names[side] : "";
    return element(
      "fieldset",
      { class: "result", "aria-label": title || "What goes into the unit list" },
      title ? element("legend", {}, title) : "",
      element("p", {}, element("mark", {}, this.pane.wordsOf(this.spanOfSide(side)))),
      element(
        "button",
        { type: "button", onclick: () => this.move(side) },
        "Give it the selected passage",
        this.keys.cap("move"),
      ),
      boxes.speaker(),
      boxes.text("quote", "The speaker's own words in the passage, pieces parted by “ | ”"),
      boxes.text("proposition", "Proposition"),
      boxes.systems(),
      ...this.columnBoxes(
        boxes,
        (column) => this.value(`all/${column.name}`, ""),
        namesIn(this.cell(side, "speaker"), ";").some((name) => !boxes.actor(name)),
      ),
    );
  }

  // Boxes for the other columns: those that must be filled, and the others folded. `standing` has
  // what stands for all; of a new speaker it is asked what the table of actors needs.
  columnBoxes(boxes, standing = () => "", isNew = false) {
    const { columns } = this.round;
    const isOpen = (column) =>
      column.is_required && (isNew || !column.is_of_new_speaker) && column.name !== "kind";
    const box = (column) => this.columnBox(boxes, column, standing(column));
    return [
      ...columns.filter(isOpen).map(box),
      element(
        "details",
        {},
        element("summary", {}, "Other columns"),
        ...columns.filter((column) => !isOpen(column)).map(box),
      ),
    ];
  }

  columnBox(boxes, column, placeholder) {
    const options = column.options.map(({ id, name }) => element("option", { value: id }, name));
    const list = options.length ? element("datalist", { id: newId() }, ...options) : "";
    const line = boxes.line(column.name, {
      placeholder,
      title: column.description,
      list: list ? list.id : undefined,
    });
    const whose = column.is_of_new_speaker ? " of a new speaker" : "";
    return labelled(`${column.title}${whose}${column.is_required ? " (needed)" : ""}`, line, list);
  }

  showForAll() {
    const boxes = new UnitBoxes(this.round, {
      read: (name) => this.value(`all/${name}`, ""),
      write: (name, text, visit) => this.type("", `all/${name}`, text, visit),
      leave: () => this.toText(),
    });
    byId("for-all").replaceChildren(...this.columnBoxes(boxes));
  }

  showProblems() {
    const box = byId("problems");
    if (!box) return;
    // what is open says so in the list
    const problems = this.value("choice") ? (this.problems[this.unit.id] ?? []) : [];
    box.textContent = problems.join(" ");
    box.hidden = problems.length === 0;
  }

  // ---- keys, and closing

  actions() {
    const choices = Object.keys(NAMES).map((choice, number) => [
      choice,
      { label: NAMES[choice], key: String(number + 1), run: () => this.choose(choice) },
    ]);
    return {
      ...Object.fromEntries(choices),
      reason: {
        label: "write the reason",
        key: "w",
        run: () => document.querySelector('[data-field="reason"]').focus(),
      },
      move: { label: "give it the selected passage", key: "m", run: () => this.move() },
      "go on": { label: "next one that is open", key: "Enter", run: () => this.goOn() },
      next: { label: "next one", key: "n", repeats: true, run: () => this.step(1) },
      previous: { label: "previous one", key: "p", repeats: true, run: () => this.step(-1) },
      text: { label: "go to the text", key: "t", run: () => this.toText() },
      undo: { label: "undo", key: "u", run: () => this.acts.undo() },
      redo: { label: "do again", key: "r", run: () => this.acts.redo() },
      search: { label: "search in the rules", key: "/", run: () => this.codebook.openSearch() },
      keys: { label: "these keys", key: "?", run: () => this.keys.open() },
    };
  }

  askToClose() {
    const open = this.units.filter((unit) => !this.isWhole(unit)).length;
    const state = open ? `${counted(open, "unit")} still open.` : "Every unit is decided.";
    byId("closing").querySelector(".content").replaceChildren(
      element("p", {}, state),
      element("p", {}, "Closing adds what was taken to the unit list, and seals what was decided."),
    );
    byId("close-now").disabled = open > 0;
    byId("closing").showModal();
  }

  connect() {
    this.onClick("agreed", () => this.takeAgreed());
    this.onClick("previous", () => this.step(-1));
    this.onClick("next", () => this.step(1));
    this.onClick("go-on", () => this.goOn());
    this.onClick("close", () => this.askToClose());
    for (const form of document.querySelectorAll("form:not([method])"))
      form.addEventListener("submit", (event) => event.preventDefault());
    byId("closing").addEventListener("close", (event) => {
      if (event.target.returnValue === "close") this.close();
    });
  }
}

const start = (workbench) => startPage(MergePage, workbench);
