// The page of a coder: one statement at a time, everything to code on it, a key for each code.

class CodePage extends DeskPage {
  constructor(round, workbench) {
    super(round, workbench);
    this.things = round.codebook.things;
    this.levels = round.codebook.confidence;
    this.feedback = round.training?.feedback ?? {};
    this.current = { unit: 0, thing: 0 };
    this.elsewhere = new Elsewhere(this.saving, (unit, changes) => this.act(changes, unit));
    this.progress = new Progress(
      this.units,
      (unit) => this.isCoded(unit),
      (unit) => Number(this.value("seconds", unit.id)),
    );
    this.clock = new Clock();
    this.detail = new Detail(this);
    this.connect();
    this.showRows();
    this.showIntroduction();
    this.openOrClose(this.firstOpen());
  }

  // ---- what is written

  get thing() {
    return this.things[this.current.thing];
  }

  isCoded(unit) {
    return !this.lacking(unit) && (!this.round.training || Boolean(this.value("done", unit.id)));
  }

  // The first thing that a statement still needs, as the number of its row and a word on it.
  lacking(unit) {
    const value = (kind, thing) => this.value(`${kind}/${thing.name}`, unit.id);
    const [asked] = this.elsewhere.open(unit.id);
    if (asked) return { row: 0, says: `${this.fieldName(asked.field)}: choose which one stands.` };
    const blank = this.things.findIndex((thing) => !value("code", thing));
    if (blank >= 0) return { row: blank, says: `${this.things[blank].title}: no code yet.` };
    const noteless = this.things.findIndex((thing) => this.lacksNote(thing, unit));
    if (noteless >= 0) return { row: noteless, says: ASKS_FOR_NOTE, asksForNote: true };
    const isSure = this.value("confidence", unit.id) || !this.levels.length;
    if (isSure || this.things.every((thing) => value("confidence", thing))) return null;
    return { row: this.things.length, says: "Say how sure you are of these codes." };
  }

  lacksNote(thing, unit = this.unit) {
    const code = this.value(`code/${thing.name}`, unit.id);
    return thing.asks_for_note.includes(code) && !this.value(`note/${thing.name}`, unit.id);
  }

  // In the training, what was answered for stands.
  get isFixed() {
    return Boolean(this.round.training && this.value("done"));
  }

  // Write fields of the statement in one act, which one step of undo takes back.
  act(changes, unit = this.unit.id, visit = null) {
    const changed = changes.filter(([field, value]) => value !== this.value(field, unit));
    if (changed.length) this.acts.act(unit, changed, visit);
  }

  async showAct(unit, became, changes) {
    const number = this.units.findIndex((candidate) => candidate.id === unit);
    this.elsewhere.look();
    this.progress.look(number);
    if (number === this.current.unit) this.showUnit();
    if (became === "done") return;
    if (number !== this.current.unit) await this.goTo(() => number);
    if (number === this.current.unit) this.tellReplayed(became, changes);
  }

  // Say what was undone or done again, and mark its row.
  tellReplayed(became, changes) {
    const [field] = changes[0];
    const [kind, name] = field.split("/");
    const row = this.rows.findIndex(({ thing }) => thing.name === (name ?? kind));
    if (row >= 0) this.moveTo(row);
    const what = changes.length > 1 ? counted(changes.length, "code") : this.fieldName(field);
    const done = became === "undone" ? "Undone" : "Done again";
    say(`${done} in statement ${this.current.unit + 1}: ${what}.`);
  }

  // Nobody is asked how long they worked, or about marks of the page: the longer time, the newer
  // mark stand.
  askWhich(theirs, own) {
    if (own.field === "seconds")
      return this.saving.choose(own, String(Math.max(theirs.value, own.value)));
    if (["skip", "done"].includes(own.field)) return this.saving.choose(own, own.value);
    return super.askWhich(theirs, own);
  }

  writeText(unit, field, text, visit) {
    this.act([[field, text]], unit, visit);
  }

  // ---- going from one to the next

  firstOpen(after = -1) {
    return this.progress.firstOpen(after, (unit) => this.value("skip", unit.id));
  }

  // Leave the statement; what was written is on the disk before the next one shows. Until then
  // keys do nothing: nobody codes a statement before it shows.
  async goTo(choose) {
    const going = {};
    this.going = going;
    this.noteTime();
    this.pause(true);
    await this.saving.saved();
    if (this.going !== going) return;
    this.pause(false);
    this.openOrClose(choose());
  }

  pause(isPaused) {
    this.keys.isPaused = isPaused;
    byId("statement").setAttribute("aria-busy", String(isPaused));
    if (isPaused) say("Saving, then on …");
  }

  openOrClose(number) {
    this.open(number < 0 ? this.current.unit : number);
    if (number < 0) this.askToClose();
  }

  open(number) {
    this.current = { unit: number, thing: 0 };
    this.justCoded = null;
    this.current.thing = this.lacking(this.unit)?.row ?? 0;
    this.clock.start();
    this.showStatement();
    this.showUnit();
    const row = this.rows[this.current.thing].box;
    byId("codes").scrollTop = row.offsetTop - byId("codes").clientHeight / 2;
    byId("statement").focus({ preventScroll: true });
    say("");
  }

  next() {
    const lacking = this.lacking(this.unit);
    if (lacking) {
      this.moveTo(lacking.row);
      byId("elsewhere").scrollIntoView({ block: "nearest" }); // where something is asked there
      if (lacking.asksForNote) this.typeNote(true);
      return say(lacking.says);
    }
    if (this.round.training && !this.value("done")) return this.handIn();
    if (this.value("skip")) this.saving.write(this.unit.id, "skip", "");
    const left = this.current.unit;
    return this.goTo(() => this.firstOpen(left));
  }

  async handIn() {
    const { unit } = this;
    this.noteTime();
    await this.saving.saved(); // the workbench looks at the codes that it has
    if (this.isFixed || unit !== this.unit) return;
    this.saving.write(unit.id, "done", "yes");
    this.acts.forget();
    await this.saving.saved();
    this.progress.look(this.current.unit);
    this.showUnit();
  }

  answered(answer) {
    if (!answer.feedback) return;
    Object.assign(this.feedback, answer.feedback);
    this.showUnit();
    byId("feedback").scrollIntoView({ block: "nearest" });
  }

  async skip() {
    this.act([["skip", "yes"]]);
    const left = this.current.unit;
    await this.goTo(() => this.firstOpen(left));
    say("Skipped; it stays in the list.");
  }

  previous() {
    const { length } = this.units;
    this.goTo(() => (this.current.unit + length - 1) % length);
  }

  noteTime() {
    const before = Number(this.value("seconds")) || 0;
    const seconds = this.clock.read(before);
    if (seconds > before) this.saving.write(this.unit.id, "seconds", String(seconds));
  }

  // ---- acts on the current thing

  choose(number) {
    const code = scaleOf(this.rows[this.current.thing].thing)[number];
    if (code) this.chooseCode(this.current.thing, code.code);
  }

  // Numbers are those of the levels on the row that asks how sure, and nothing on a row of codes.
  chooseSureness(level) {
    if (!this.thing) return this.chooseCode(this.current.thing, level);
    return say("Numbers answer “How sure”; a row of codes has letters.");
  }

  chooseCode(number, code, byPointer = false) {
    const { thing } = this.rows[number];
    if (this.isFixed) return say("This statement is handed in; its codes stand in this try.");
    this.current.thing = number;
    if (thing === this.sureness) this.act([["confidence", code]]);
    else this.act([[`code/${thing.name}`, code]]);
    this.goToOpen(number, byPointer);
    if (thing !== this.sureness) this.justCoded = number;
    const words = [thing.title, labelOf(thing, code)].map((text) => text.replace(/[.?]$/, ""));
    say(`${words.join(": ")}.${this.afterCode(thing, code)}`);
  }

  // What comes after a code: a note that it asks for, or the next statement.
  afterCode(thing, code) {
    const key = (action) => shownKey(this.keys.key(action));
    if (thing === this.sureness && asksToSay(labelOf(thing, code)))
      return ` Say it in the comment (${key("comment")}).`;
    if (!this.lacking(this.unit)) return ` Complete: ${key("next")} goes on.`;
    const isAsked = thing !== this.sureness && this.lacksNote(thing);
    return isAsked ? ` It asks for a note: ${key("note")} now, or at the end.` : "";
  }

  // Go on to the first row without a code, beginning at one; if there is none, to how sure.
  goToOpen(number, byPointer) {
    const order = this.things.map((_, step) => (number + step) % this.things.length);
    const isOpen = (row) => !this.value(`code/${this.things[row].name}`);
    const last = this.levels.length ? this.things.length : number;
    this.moveTo(order.find(isOpen) ?? last, byPointer);
  }

  // The row that a doubt, a note or taking back is meant for: the one that was just coded, though
  // the next one is marked already.
  get meant() {
    return this.justCoded ?? this.current.thing;
  }

  notAddressed() {
    if (this.thing?.codes.some((code) => code.code === "NA"))
      return this.chooseCode(this.current.thing, "NA");
    return say("This one has no such code.");
  }

  restNotAddressed() {
    if (this.isFixed) return this.chooseCode(this.current.thing, "");
    const isBlank = ({ is_issue, name }) => is_issue && !this.value(`code/${name}`);
    const blank = this.things.filter(isBlank);
    if (!blank.length) return say("Every issue of this statement has a code.");
    this.act(blank.map((thing) => [`code/${thing.name}`, "NA"]));
    this.goToOpen(0);
    return say(`${counted(blank.length, "issue")} not addressed.`);
  }

  takeBack() {
    const { thing } = this.rows[this.meant];
    if (this.isFixed) return this.chooseCode(this.current.thing, "");
    this.act([[thing === this.sureness ? "confidence" : `code/${thing.name}`, ""]]);
    this.moveTo(this.meant);
    return say(`${thing.title}: no code.`);
  }

  move(step, byPointer) {
    this.moveTo(Math.max(0, Math.min(this.rows.length - 1, this.current.thing + step)), byPointer);
  }

  moveTo(number, byPointer) {
    this.current.thing = number;
    this.justCoded = null;
    this.goesOn = false;
    this.showUnit();
    this.rows[number].focus(byPointer);
  }

  // A button that was clicked with a pointer gives the keys back: Enter goes on, and does not press
  // it again.
  giveKeysBack({ detail, target }) {
    const button = target.closest?.("button");
    if (!detail || !button || button !== document.activeElement) return;
    if (!button.closest("dialog, #notices")) this.rows[this.current.thing].focus(true);
  }

  enter(number) {
    if (number === this.current.thing) return;
    this.current.thing = number;
    this.justCoded = null;
    this.showUnit();
  }

  changeSureness(step) {
    const thing = this.things[this.meant];
    if (!this.levels.length) return;
    if (!thing) return say(NO_CODE_MARKED);
    const field = `confidence/${thing.name}`;
    const last = this.levels.length - 1;
    const now = this.levels.findIndex((level) => level.code === this.value(field));
    const first = step > 0 ? last : 0;
    const next = now < 0 ? first : Math.max(0, Math.min(last, now + step));
    this.act([[field, this.levels[next].code]]);
    this.tellSureness(thing, this.levels[next]);
  }

  tellSureness(thing, { definition }) {
    const where = ` ${shownKey(this.keys.key("note"))} opens the note.`;
    say(`${thing.title}: ${definition}${asksToSay(definition) ? where : ""}`);
  }

  mark(field, words) {
    const marked = !this.value(field);
    this.act([[field, marked ? "yes" : ""]]);
    say(marked ? words : `No longer: ${words}`);
  }

  markThing(number = this.meant) {
    const thing = this.things[number];
    if (!thing) return say(NO_CODE_MARKED);
    return this.mark(`unsure/${thing.name}`, `${thing.title}: not sure.`);
  }

  markUnit() {
    this.mark("flag", "Flagged for the codebook.");
  }

  // Open the note of a row. Where it was asked for, Enter in it goes on as Next does.
  typeNote(isAsked = false) {
    if (!this.things[this.meant]) return say(NO_CODE_MARKED);
    this.moveTo(this.meant);
    this.showGuideSheet(true);
    byId("note").focus();
    this.goesOn = isAsked;
    return say(`Note on “${this.thing.title}”: Enter ends it.`);
  }

  leaveNote(key) {
    this.showGuideSheet(false);
    if (this.goesOn && key === "Enter" && !this.lacksNote(this.thing)) return this.next();
    this.goToOpen(this.current.thing);
    return say("");
  }

  actions() {
    return {
      ...this.surenessActions(),
      ...codeActions(this.round.codebook, (number) => this.choose(number)),
      "not addressed": { label: "not addressed", key: "n", run: () => this.notAddressed() },
      "rest not addressed": {
        label: "all issues without a code: not addressed",
        key: "x",
        run: () => this.restNotAddressed(),
      },
      "take back": { label: "take the code back", key: "Backspace", run: () => this.takeBack() },
      unsure: { label: "not sure of this code", key: "m", run: () => this.markThing() },
      surer: { label: "surer of this code", key: ".", run: () => this.changeSureness(1) },
      "less sure": { label: "less sure of it", key: ",", run: () => this.changeSureness(-1) },
      note: { label: "note on this code", key: "t", run: () => this.typeNote() },
      below: { label: "row below", key: "ArrowDown", repeats: true, run: () => this.move(1) },
      above: { label: "row above", key: "ArrowUp", repeats: true, run: () => this.move(-1) },
      ...this.actionsOnStatements(),
    };
  }

  // The number of a level is its key too, where no code of a long scale has that key.
  surenessActions() {
    const codes = codeActions(this.round.codebook, () => {});
    const taken = new Set(Object.values(codes).map(({ key }) => key));
    const free = this.round.codebook.confidence.filter(({ code }) => !taken.has(code));
    const action = ({ code }) => ({
      label: `how sure: ${code}`,
      key: code,
      run: () => this.chooseSureness(code),
    });
    return Object.fromEntries(free.map((level) => [`sure ${level.code}`, action(level)]));
  }

  actionsOnStatements() {
    return {
      next: { label: "next statement", key: "Enter", run: () => this.next() },
      previous: { label: "statement before", key: "b", run: () => this.previous() },
      skip: { label: "skip for now", key: "w", run: () => this.skip() },
      comment: { label: "comment on the statement", key: "c", run: () => byId("comment").focus() },
      flag: { label: "flag the statement for the codebook", key: "v", run: () => this.markUnit() },
      undo: { label: "undo", key: "u", run: () => this.acts.undo() },
      redo: { label: "redo", key: "r", run: () => this.acts.redo() },
      overview: { label: "list of statements", key: "o", run: () => this.openOverview() },
      search: { label: "search the codebook", key: "/", run: () => this.codebook.openSearch() },
      keys: { label: "keys", key: "?", run: () => this.keys.open() },
    };
  }

  // ---- what is shown

  keysBound() {
    this.showRows();
    this.showIntroduction();
    this.showStatement();
    this.showUnit();
  }

  showRows() {
    const codes = this.levels.map(({ code, definition }) => ({ code, label: definition }));
    this.sureness = { name: "confidence", title: "How sure are you of these codes?", codes };
    const things = codes.length ? [...this.things, this.sureness] : this.things;
    this.rows = things.map(
      (thing, number) =>
        new Row(thing, this.keys, {
          chosen: (code, byPointer) => this.chooseCode(number, code, byPointer),
          entered: () => this.enter(number),
        }),
    );
    byId("things").replaceChildren(...this.rows.map((row) => row.box));
    byId("buttons").replaceChildren(...this.footer());
    this.keys.sheet = () => this.keySheet();
    this.showToolKeys();
  }

  showToolKeys() {
    const tools = { "open-overview": "overview", "open-search": "search", "open-keys": "keys" };
    for (const [id, action] of Object.entries({ undo: "undo", redo: "redo", ...tools })) {
      byId(id).querySelector("kbd")?.remove();
      byId(id).append(this.keys.cap(action));
    }
  }

  // What the keys give on each row, for the sheet of keys.
  keySheet() {
    const words = (thing, code) => [
      this.keys.cap(keyName(thing, code)),
      element("span", {}, `${codeText(code, thing)} `),
    ];
    const entries = this.rows.flatMap(({ thing }) => [
      element("dt", {}, thing.title),
      element("dd", {}, ...thing.codes.flatMap((code) => words(thing, code))),
    ]);
    return element("dl", { class: "scale" }, ...entries);
  }

  footer() {
    const button = (id, action, label) => {
      const { run } = this.keys.actions[action];
      return element("button", { type: "button", id, onclick: run }, label, this.keys.cap(action));
    };
    const toClose = { type: "button", id: "close", onclick: () => this.askToClose() };
    const close = element("button", toClose, this.words.close);
    return [
      button("previous", "previous", "Previous"),
      button("skip", "skip", "Skip"),
      button("rest", "rest not addressed", "Rest not addressed"),
      button("next", "next", "Next"),
      close,
    ];
  }

  // How to code here, for the strip above the statement and for the sheet of keys.
  introduction() {
    const key = (action) => element("kbd", {}, shownKey(this.keys.key(action)));
    const withKeys = [
      "Press the letter on a button, and the next row without a code is marked; ",
      ...[key("above"), key("below"), " mark another. "],
      ...[key("rest not addressed"), " gives all issues still open “not addressed”, "],
      ...[key("next"), " brings the next statement, ", key("undo"), " undoes, "],
      ...[key("unsure"), " marks a doubt, ", key("note"), " opens the note of a code, "],
      ...[key("search"), " searches the codebook, "],
      ...[key("keys"), " shows all keys. "],
    ];
    return element(
      "p",
      {},
      this.round.training ? TRAINING_FIRST : "",
      "Read the statement, give each row a code, and say how sure you are. What the codes of a " +
        "row mean stands under “Scale and rules”. ",
      element("span", { class: "for-keys" }, ...withKeys),
      this.words.goOn ??
        "All is saved at once: stop when you like, and open your link again to go on.",
      " The time that you work on a statement is kept with it.",
    );
  }

  begin() {
    byId("statement").focus({ preventScroll: true });
  }

  // What is the same as long as a statement shows.
  showStatement() {
    const { unit, round, units } = this;
    const number = this.current.unit + 1;
    byId("title").textContent = round.training
      ? `Training, try ${round.training.n_failed + 1}`
      : `${round.task} · ${round.title}`;
    document.title = `${round.task}: ${number} of ${units.length}`;
    byId("statement-title").textContent = `Statement ${number} of ${units.length} · ${unit.id}`;
    showWords(unit);
    for (const box of [byId("statement"), document.querySelector("main")]) box.scrollTop = 0;
    byId("words").querySelector("mark, q.own")?.scrollIntoView({ block: "nearest" });
    const write = (text, visit) => this.writeText(unit.id, "comment", text, visit);
    const leave = () => this.rows[this.current.thing].focus();
    this.comment = textBox({ id: "comment", rows: "2" }, this.value("comment"), write, leave);
    this.flag = element(
      "button",
      { type: "button", onclick: () => this.markUnit() },
      "Flag for the codebook",
      this.keys.cap("flag"),
    );
    const label = ["Comment on the statement", this.keys.cap("comment"), this.comment];
    byId("marks").replaceChildren(this.flag, element("label", { class: "field" }, ...label));
  }

  showUnit() {
    for (const [number, row] of this.rows.entries()) this.showRow(row, number);
    this.flag.setAttribute("aria-pressed", String(Boolean(this.value("flag"))));
    if (document.activeElement !== this.comment) this.comment.value = this.value("comment");
    const progress = `${this.progress}`;
    if (byId("progress").textContent !== progress) byId("progress").textContent = progress;
    byId("next").classList.toggle("ready", !this.lacking(this.unit));
    byId("close").hidden = this.progress.left > 0;
    this.elsewhere.show(this.unit.id, this.names);
    this.showFeedback();
    this.detail.show();
    this.showGuide();
  }

  showRow(row, number) {
    const { name } = row.thing;
    const isThing = number < this.things.length;
    row.show({
      code: this.value(isThing ? `code/${name}` : "confidence"),
      isCurrent: number === this.current.thing,
      isDoubtful: isThing && Boolean(this.value(`unsure/${name}`)),
      hasNote: isThing && Boolean(this.value(`note/${name}`)),
      lacksNote: isThing && this.lacksNote(row.thing),
      isWrong: this.faults.some(({ variable }) => variable === name),
      isFixed: this.isFixed,
    });
  }

  // What the key has otherwise on a statement that was handed in.
  get faults() {
    return (this.isFixed && this.feedback[this.unit.id]) || [];
  }

  showFeedback() {
    const box = byId("feedback");
    const faults = this.isFixed ? this.feedback[this.unit.id] : null;
    const shown = JSON.stringify([this.unit.id, faults]);
    if (box.dataset.shown === shown) return; // a rule that somebody reads stays unfolded
    box.dataset.shown = shown;
    if (!faults) return box.replaceChildren();
    const next = `${shownKey(this.keys.key("next"))} goes on.`;
    box.replaceChildren(
      faults.length
        ? element("p", { class: "problem" }, `The key has ${faults.length} otherwise. ${next}`)
        : element("p", { class: "good" }, `As the key has it. ${next}`),
      element("ul", {}, ...faults.map((fault) => this.faultText(fault))),
    );
  }

  faultText({ variable, rules }) {
    const number = this.things.findIndex((thing) => thing.name === variable);
    const look = () => {
      this.moveTo(number);
      this.showGuideSheet(true);
    };
    return element(
      "li",
      {},
      element("button", { type: "button", onclick: look }, this.things[number].title),
      rules.length ? " Read again:" : " Read its definitions again.",
      ...rules.map((rule) => this.codebook.ruleBox(rule)),
    );
  }

  // Scale and rules of the current row; they are made anew for another row alone.
  showGuide() {
    const { thing, keys } = this;
    const row = this.rows[this.current.thing];
    byId("guide-name").textContent = row.thing.title;
    if (this.guided === row) return;
    this.guided = row;
    byId("guide").scrollTop = 0;
    const cap = (code) => keys.cap(keyName(row.thing, code));
    byId("guide-title").textContent = row.thing.title;
    byId("scale").replaceChildren(
      thing ? element("p", { class: "question" }, thing.question) : "",
      thing?.scope ? element("p", {}, thing.scope) : "",
      thing ? "" : element("p", {}, "It holds for every code that has none of its own."),
      this.codebook.scale(row.thing, cap),
      thing?.rules.length ? element("h3", {}, "Rules") : "",
      ...(thing?.rules ?? []).map((rule) => this.codebook.ruleBox(rule)),
    );
  }

  fieldName(field) {
    const [kind, name] = field.split("/");
    const thing = this.things.find((candidate) => candidate.name === name);
    const words = { unsure: "not sure", flag: "flagged", confidence: "how sure", skip: "skipped" };
    if (!thing) return kind === "confidence" ? "How sure" : (words[kind] ?? kind);
    return kind === "code" ? thing.title : `${thing.title}, ${words[kind] ?? kind}`;
  }

  valueName(field, value) {
    const [kind, name] = field.split("/");
    const thing = this.things.find((candidate) => candidate.name === name);
    const code = kind === "code" && thing?.codes.find((candidate) => candidate.code === value);
    return code ? codeText(code, thing) : value;
  }

  showAnew() {
    this.elsewhere.look();
    this.progress.lookAgain();
    this.showUnit();
  }

  // ---- dialogs

  marksOf(unit, number) {
    const value = (field) => this.value(field, unit.id);
    const has = (kind) => this.things.some((thing) => value(`${kind}/${thing.name}`));
    const open = has("code") ? "begun" : "not begun";
    return [
      this.progress.coded[number] ? "coded" : open,
      this.elsewhere.open(unit.id).length > 0 && "two values",
      value("skip") && "skipped",
      value("flag") && "flagged",
      has("unsure") && "not sure",
      value("comment") && "comment",
    ];
  }

  // What closing is called, and what is said of it before.
  get words() {
    return this.round.training
      ? { close: "Hand in the training", now: "Hand it in", last: HANDED_IN }
      : { close: "Close the round", now: "Close it", last: SEALED };
  }

  askToClose() {
    const { left } = this.progress;
    const { close, now, last } = this.words;
    const open = left ? `${counted(left, "statement")} still open.` : "Every statement is coded.";
    byId("closing-title").textContent = close;
    byId("close-now").textContent = now;
    byId("close-now").disabled = left > 0;
    byId("closing").querySelector(".content").replaceChildren(
      element("p", {}, open),
      this.wayTo("not sure", "with a doubt"),
      this.wayTo("flagged", "flagged"),
      element("p", {}, last),
    );
    byId("closing").showModal();
  }

  // How many statements have a mark, and a way to them.
  wayTo(mark, words) {
    const marked = this.units.filter((unit, number) => this.marksOf(unit, number).includes(mark));
    if (!marked.length) return "";
    const look = () => {
      byId("closing").close("back");
      this.openOverview(mark);
    };
    const label = `Look at ${counted(marked.length, "statement")} ${words}`;
    return element("p", {}, element("button", { type: "button", onclick: look }, label));
  }

  close() {
    return this.round.training ? super.close("Go on to the round") : super.close();
  }

  connect() {
    this.onClick("open-overview", () => this.openOverview());
    document.addEventListener("click", (event) => this.giveKeysBack(event));
    // rows are made anew with other keys on them: the one that had the focus is gone
    byId("keys").addEventListener("close", () => this.rows[this.current.thing].focus());
    this.onClick("open-guide", () =>
      this.showGuideSheet(!byId("guide").classList.contains("open")),
    );
    byId("closing").addEventListener("close", (event) => {
      if (event.target.returnValue === "close") this.close();
      event.target.returnValue = "";
    });
  }
}

const ASKS_FOR_NOTE = "On what does it depend? Write it; Enter goes on.";
const NO_CODE_MARKED = "Mark the row of a code first, with ↑.";

// Whether the words of a level ask to say more in a note.
function asksToSay(words) {
  return /\bnote\b/i.test(words);
}

const TRAINING_FIRST =
  "These statements are made up: when you hand one in, you are told where the key has it " +
  "otherwise, and its codes stand. ";
const HANDED_IN = "It is compared with the key. If it does not pass, the try is counted.";
const SEALED = "Closing seals your codes: nobody, you included, changes them afterwards.";

const start = (workbench) => startPage(CodePage, workbench);
