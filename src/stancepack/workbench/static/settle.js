// The page of an adjudicator: one statement at a time, what its coders differ on, a key per code.

const CONDITION = {
  name: "condition",
  title: "The condition",
  question: "On what does it depend? One sentence in our own words.",
  codes: [],
  rules: [],
  asks_for_note: [],
};
const MARKS = { flag: "Flagged", unsure: "Not sure", comment: "Comment", review: "Reviewed" };

class SettlePage extends DeskPage {
  constructor(round, workbench) {
    super(round, workbench);
    this.things = new Map(round.codebook.things.map((thing) => [thing.name, thing]));
    this.things.set(CONDITION.name, CONDITION);
    this.current = { unit: 0, cell: 0 };
    byId("title").textContent = `${round.title}: settling ${round.round}`;
    this.connect();
    if (this.units.length) this.showIntroduction();
    if (this.units.length) this.go(this.firstOpen());
    else this.showEnd("Nothing is open", `Nothing is left to settle in ${round.round}.`);
  }

  // ---- what is to be done, and what is done

  // What is to be settled on a statement: what is open, and a condition that a decision asks for.
  cells(unit) {
    const isOpen = unit.open.some(({ variable }) => variable === CONDITION.name);
    const opens = ({ variable, condition }) =>
      condition &&
      this.things.get(variable).asks_for_note.includes(this.value(`code/${variable}`, unit.id));
    const opening = isOpen ? null : unit.open.find(opens);
    return opening ? [...unit.open, opening.condition] : unit.open;
  }

  // What a decision still lacks; nothing if it is complete.
  lacking(unit, variable) {
    const isThere = (kind) => this.value(`${kind}/${variable}`, unit).trim();
    return ["code", "rule", "reason"].find((kind) => !isThere(kind)) ?? "";
  }

  lackingCells(unit) {
    return this.cells(unit).filter(({ variable }) => this.lacking(unit.id, variable));
  }

  isSettled(unit) {
    return !this.lackingCells(unit).length;
  }

  get isAllReviewed() {
    return this.saving.value("", "reviewed") === this.round.agreed_fingerprint;
  }

  isReviewed(unit) {
    return !unit.agreed.length || this.isAllReviewed || Boolean(this.value("reviewed", unit.id));
  }

  marksOf(unit) {
    const toLookAt = unit.agreed.length ? "agreed codes to look through" : "";
    return [
      unit.open.length ? (this.isSettled(unit) ? "settled" : "to settle") : "",
      unit.agreed.length && this.isReviewed(unit) ? "looked through" : toLookAt,
    ];
  }

  // ---- going from one to the next

  nextOf(isToDo, after) {
    const order = [...this.units.keys()].map((number) => (number + after + 1) % this.units.length);
    return order.find((number) => isToDo(this.units[number])) ?? -1;
  }

  firstOpen(after = -1) {
    return this.nextOf((unit) => !this.isSettled(unit), after);
  }

  firstToReview(after = -1) {
    return this.nextOf((unit) => !this.isReviewed(unit), after);
  }

  go(number) {
    this.open(number < 0 ? this.current.unit : number);
    if (number < 0) this.askToClose();
  }

  open(number) {
    const unit = this.units[number];
    const isLacking = ({ variable }) => this.lacking(unit.id, variable);
    this.current = { unit: number, cell: Math.max(0, this.cells(unit).findIndex(isLacking)) };
    this.showStatement();
    this.focusCell();
    say("");
  }

  async next() {
    const { unit } = this;
    const [lacking] = this.lackingCells(unit);
    if (lacking) return this.tellLacking(lacking.variable);
    if (!unit.open.length && !this.isReviewed(unit)) this.act([["reviewed", "yes"]]);
    const left = this.current.unit;
    await this.saving.saved(); // a decision is on the disk before the next statement shows
    if (this.current.unit !== left) return;
    this.go(unit.open.length ? this.firstOpen(left) : this.firstToReview(left));
  }

  tellLacking(variable) {
    this.current.cell = this.cells(this.unit).findIndex((cell) => cell.variable === variable);
    this.showUnit();
    this.decisions[this.current.cell].goOn();
  }

  step(step) {
    this.open((this.current.unit + this.units.length + step) % this.units.length);
  }

  // From a complete decision to the next that lacks something, or to the keys of the page.
  goOn() {
    const [lacking] = this.lackingCells(this.unit);
    if (lacking) return this.tellLacking(lacking.variable);
    this.focusCell();
    return say(`Settled: ${shownKey(this.keys.key("next"))} goes on.`);
  }

  // ---- acts

  get decision() {
    return this.decisions[this.current.cell];
  }

  act(changes, unit = this.unit.id, visit = null) {
    const changed = changes.filter(([field, value]) => value !== this.value(field, unit));
    if (changed.length) this.acts.act(unit, changed, visit);
  }

  showAct(unit, became) {
    const number = this.units.findIndex((candidate) => candidate.id === unit);
    if (became === "done" || number < 0 || number === this.current.unit) return this.showUnit();
    return this.open(number);
  }

  chooseCode(decision, code) {
    this.enter(decision);
    this.act([[decision.field("code"), code]]);
    decision.goOn();
    const lacking = this.lacking(this.unit.id, decision.thing.name);
    const now = lacking ? ` Now the ${lacking}.` : "";
    say(`${decision.thing.title}: ${labelOf(decision.thing, code)}.${now}`);
  }

  // Take over a coder's wording of the condition, which may then be changed.
  takeOver(decision, number) {
    const wording = decision?.wordings[number];
    if (!wording) return say("Here is no such wording of a condition.");
    this.enter(decision);
    this.act([[decision.field("code"), wording]]);
    decision.wording.focus();
    decision.wording.setSelectionRange(wording.length, wording.length);
    return say("Wording taken over: change it, or Enter goes on.");
  }

  writeWording() {
    if (!this.decision?.wording) return say("Only a condition is worded.");
    return this.decision.wording.focus();
  }

  choose(number) {
    const code = this.decision && scaleOf(this.decision.thing)[number];
    if (code) this.chooseCode(this.decision, code.code);
  }

  notAddressed() {
    const codes = this.decision?.thing.codes ?? [];
    if (codes.some((code) => code.code === "NA")) return this.chooseCode(this.decision, "NA");
    return say("This one has no such code.");
  }

  takeBack() {
    if (this.decision) this.act([[this.decision.field("code"), ""]]);
  }

  enter(decision) {
    const number = this.decisions.indexOf(decision);
    if (number < 0 || number === this.current.cell) return;
    this.current.cell = number;
    this.showUnit();
  }

  move(step) {
    const last = this.decisions.length - 1;
    this.current.cell = Math.max(0, Math.min(last, this.current.cell + step));
    this.showUnit();
    this.focusCell();
  }

  review() {
    if (!this.unit.agreed.length) return say("The coders agree on nothing else here.");
    if (this.isAllReviewed) return say("All agreed codes are marked as looked through.");
    this.act([["reviewed", this.value("reviewed") ? "" : "yes"]]);
    return say(this.value("reviewed") ? "Agreed codes looked through." : "Not looked through.");
  }

  // A digit for each wording that a condition has: those that give no code.
  wordingActions(codes) {
    const cells = this.units.flatMap(({ open }) => open.flatMap((cell) => [cell, cell.condition]));
    const most = Math.max(0, ...cells.map((cell) => cell?.wordings?.length ?? 0));
    const taken = new Set(Object.values(codes).map(({ key }) => key));
    const free = [..."123456789"].filter((digit) => !taken.has(digit));
    const actions = free.slice(0, most).map((key, number) => [
      `wording ${number + 1}`,
      {
        label: `take over wording ${number + 1} of a condition`,
        key,
        run: () => this.takeOver(this.decision, number),
      },
    ]);
    return Object.fromEntries(actions);
  }

  actions() {
    const codes = codeActions(this.round.codebook, (number) => this.choose(number));
    return {
      ...codes,
      ...this.wordingActions(codes),
      wording: { label: "wording of a condition", key: "i", run: () => this.writeWording() },
      "not addressed": { label: "not addressed", key: "n", run: () => this.notAddressed() },
      "take back": { label: "take the code back", key: "Backspace", run: () => this.takeBack() },
      rule: { label: "rules of the decision", key: "t", run: () => this.decision?.picker.input.focus() },
      reason: { label: "reason of the decision", key: "e", run: () => this.decision?.reason.focus() },
      below: { label: "disagreement below", key: "ArrowDown", repeats: true, run: () => this.move(1) },
      above: { label: "disagreement above", key: "ArrowUp", repeats: true, run: () => this.move(-1) },
      next: { label: "next to settle", key: "Enter", run: () => this.next() },
      previous: { label: "statement before", key: "b", run: () => this.step(-1) },
      following: { label: "leave open, statement after", key: "w", run: () => this.step(1) },
      review: { label: "agreed codes looked through", key: "y", run: () => this.review() },
      remark: { label: "remark on the agreed codes", key: "c", run: () => this.remark?.focus() },
      undo: { label: "undo", key: "u", run: () => this.acts.undo() },
      redo: { label: "do again", key: "r", run: () => this.acts.redo() },
      overview: { label: "list of statements", key: "o", run: () => this.openOverview() },
      flagged: { label: "what was flagged", key: "v", run: () => this.openFlagged() },
      search: { label: "search the codebook", key: "/", run: () => this.codebook.openSearch() },
      keys: { label: "keys", key: "?", run: () => this.keys.open() },
    };
  }

  // ---- what is shown

  keysBound() {
    if (!this.unit) return;
    this.showIntroduction();
    this.showStatement();
  }

  begin() {
    this.focusCell();
  }

  introduction() {
    const key = (action) => element("kbd", {}, shownKey(this.keys.key(action)));
    const withKeys = [
      ...["The letter on a button gives the code, ", key("search"), " searches the codebook, "],
      ...[key("next"), " goes on, ", key("undo"), " undoes, ", key("keys"), " shows all keys. "],
    ];
    return element(
      "p",
      {},
      "Decide which code stands where the coders differ; each decision needs a rule of the ",
      "codebook and a reason in your own words. Below stand the agreed codes to look through: ",
      "read them, leave a remark where all coders should have coded otherwise",
      element("span", { class: "for-keys" }, ", and press ", key("review")),
      ". ",
      element("span", { class: "for-keys" }, ...withKeys),
      "All is saved at once; “Hand in” takes what is decided into the project, and what is open ",
      "stays open.",
    );
  }

  // What is the same as long as a statement shows.
  showStatement() {
    const { unit, round, units } = this;
    const number = this.current.unit + 1;
    document.title = `settling ${round.round}: ${number} of ${units.length}`;
    byId("statement-title").textContent = `Statement ${number} of ${units.length} · ${unit.id}`;
    showWords(unit);
    const remarks = round.flagged.filter((row) => row.statement_id === unit.id);
    byId("remarks").replaceChildren(...(remarks.length ? [this.remarkList(remarks)] : []));
    for (const box of [byId("statement"), byId("codes"), document.querySelector("main")])
      box.scrollTop = 0;
    this.decisions = [];
    byId("things").replaceChildren();
    this.showAgreed();
    byId("buttons").replaceChildren(...this.footer());
    this.showUnit();
  }

  showUnit() {
    this.showDecisions();
    const isReviewed = this.isReviewed(this.unit);
    this.reviewed?.setAttribute("aria-pressed", String(isReviewed));
    if (this.remark && document.activeElement !== this.remark)
      this.remark.value = this.value("remark");
    byId("next").classList.toggle("ready", this.isSettled(this.unit));
    this.showProgress();
    this.showGuide();
  }

  // A decision may open another one below it, or close it again; those that stay are left alone.
  showDecisions() {
    const cells = this.cells(this.unit);
    for (const decision of this.decisions.splice(cells.length)) decision.box.remove();
    for (const cell of cells.slice(this.decisions.length)) {
      const decision = new Decision(this, cell);
      this.decisions.push(decision);
      byId("things").append(decision.box);
    }
    this.current.cell = Math.max(0, Math.min(this.current.cell, cells.length - 1));
    for (const decision of this.decisions) decision.show(decision === this.decision);
  }

  showProgress() {
    const cells = this.units.flatMap((unit) => this.cells(unit));
    const left = this.units.flatMap((unit) => this.lackingCells(unit));
    const toReview = this.units.filter((unit) => !this.isReviewed(unit)).length;
    const text =
      `${cells.length - left.length} of ${counted(cells.length, "disagreement")} decided, ` +
      `agreed codes of ${counted(toReview, "statement")} to look through`;
    if (byId("progress").textContent !== text) byId("progress").textContent = text;
  }

  remarkList(rows) {
    const lines = rows.map((row) => {
      const title = this.things.get(row.variable)?.title;
      const what = [MARKS[row.kind], title].filter(Boolean).join(": ");
      return element("li", {}, element("b", {}, what), row.value === "yes" ? "" : ` ${row.value}`);
    });
    return element("ul", { class: "given", "aria-label": "Remarks of the coders" }, ...lines);
  }

  showAgreed() {
    const { unit } = this;
    this.reviewed = null;
    this.remark = null;
    if (!unit.agreed.length) return byId("agreed").replaceChildren();
    const write = (text, visit) => this.act([["remark", text]], unit.id, visit);
    const leave = () => this.focusCell();
    this.remark = textBox({ id: "remark", rows: "1" }, this.value("remark"), write, leave);
    this.reviewed = element(
      "button",
      { type: "button", onclick: () => this.review() },
      "Looked through",
      this.keys.cap("review"),
    );
    const label = "For the next codebook, if all of them should have coded otherwise";
    return byId("agreed").replaceChildren(
      element("h2", {}, "Agreed"),
      element("table", {}, ...unit.agreed.map((cell) => this.agreedRow(cell))),
      this.reviewed,
      element("label", { class: "field" }, label, this.keys.cap("remark"), this.remark),
    );
  }

  agreedRow({ variable, code, notes, is_single }) {
    const thing = this.things.get(variable);
    const beside = [is_single ? "one coder only" : "", ...notes].filter(Boolean).join("; ");
    return element(
      "tr",
      {},
      element("th", { scope: "row" }, thing.title),
      element("td", {}, codeNamed(thing, code), beside ? ` (${beside})` : ""),
    );
  }

  footer() {
    const button = (id, action, label) => {
      const { run } = this.keys.actions[action];
      return element("button", { type: "button", id, onclick: run }, label, this.keys.cap(action));
    };
    const close = () => this.askToClose();
    return [
      button("previous", "previous", "Previous"),
      button("following", "following", "Leave open"),
      button("next", "next", "Next"),
      element("button", { type: "button", id: "close", onclick: close }, "Hand in"),
    ];
  }

  // Scale and rules of the current disagreement, first the rules that are named.
  showGuide() {
    const thing = this.decision?.thing;
    const named = thing ? this.value(`rule/${thing.name}`).split(" ").filter(Boolean) : [];
    const shown = JSON.stringify([this.unit.id, thing?.name, named]);
    if (this.guided === shown) return; // a rule that somebody reads stays unfolded
    this.guided = shown;
    byId("guide-name").textContent = thing?.title ?? "";
    byId("guide-title").textContent = thing?.title ?? "Nothing to settle here";
    const likely = this.decision?.picker.likely ?? [];
    const rules = [...new Set([...named, ...(thing?.rules ?? []), ...likely])];
    const content = [
      element("p", { class: "question" }, thing?.question ?? "The coders agree on all of it."),
      thing?.scope ? element("p", {}, thing.scope) : "",
      thing ? this.codebook.scale(thing, (code) => this.keys.cap(keyName(thing, code))) : "",
      rules.length ? element("h3", {}, "Rules") : "",
      ...rules.map((rule) => this.codebook.ruleBox(rule)),
    ];
    byId("scale").replaceChildren(...content);
  }

  focusCell() {
    if (this.decision) this.decision.focus();
    else byId("statement").focus({ preventScroll: true });
  }

  fieldName(field) {
    const [kind, name] = field.split("/");
    const title = this.things.get(name)?.title;
    return title ? `${title}, ${kind}` : kind;
  }

  valueName(field, value) {
    const [kind, name] = field.split("/");
    const thing = this.things.get(name);
    return kind === "code" && thing ? codeNamed(thing, value) : value;
  }

  // ---- dialogs

  openFlagged() {
    const rows = this.round.flagged.map((row) =>
      element(
        "tr",
        {},
        element("td", {}, row.statement_id),
        element("td", {}, this.remarkList([row])),
        element("td", {}, row.proposition),
      ),
    );
    byId("flagged").querySelector(".content").replaceChildren(
      element("p", {}, "What was remarked, for the next codebook; without names."),
      rows.length ? element("table", {}, ...rows) : element("p", {}, "Nothing."),
    );
    byId("flagged").showModal();
  }

  askToClose() {
    const cells = this.units.flatMap((unit) => this.cells(unit)).length;
    const open = this.units.flatMap((unit) => this.lackingCells(unit)).length;
    const toReview = this.units.filter((unit) => !this.isReviewed(unit)).length;
    const all = element("input", { type: "checkbox", id: "all-agreed", autocomplete: "off" });
    all.checked = this.isAllReviewed;
    all.addEventListener("change", () =>
      this.act([["reviewed", all.checked ? this.round.agreed_fingerprint : ""]], ""),
    );
    byId("closing").querySelector(".content").replaceChildren(
      element("p", {}, `${counted(cells - open, "decision")} made; ${open || "none"} left open.`),
      element("p", {}, `Agreed codes of ${counted(toReview, "statement")} not looked through.`),
      toReview || this.isAllReviewed
        ? element("label", { class: "switch" }, all, " I have looked all of them through.")
        : "",
      element("p", {}, "Handing in takes decisions into the project; what is open stays open."),
    );
    byId("see-agreed").hidden = !toReview;
    byId("closing").showModal();
  }

  connect() {
    this.onClick("open-overview", () => this.openOverview());
    this.onClick("open-flagged", () => this.openFlagged());
    this.onClick("open-guide", () =>
      this.showGuideSheet(!byId("guide").classList.contains("open")),
    );
    byId("closing").addEventListener("close", (event) => {
      const { returnValue } = event.target;
      event.target.returnValue = "";
      if (returnValue === "close") this.close("Go on", "Go on");
      if (returnValue === "agreed") this.open(this.firstToReview());
    });
  }
}

const start = (workbench) => startPage(SettlePage, workbench);
