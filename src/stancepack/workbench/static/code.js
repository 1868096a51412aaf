// The page of a coder: one statement at a time, everything to code on it, a key for each code.

class CodePage extends DeskPage {
  constructor(round, workbench) {
    super(round, workbench);
    this.things = round.codebook.things;
    this.levels = round.codebook.confidence;
    this.feedback = round.training?.feedback ?? {};
    this.current = { unit: 0, thing: 0 };
    this.elsewhere = new Elsewhere(this.saving, (unit, changes) => this.act(changes, unit));
    this.shownSince = performance.now();
    this.connect();
    this.go(this.firstOpen());
  }

  // ---- what is written

  isDone(unit) {
    return this.missing(unit) === null;
  }

  // The first thing that a statement still needs, as the number of its row and a word on it.
  missing(unit) {
    const [asked] = this.elsewhere.open(unit.id);
    if (asked) return { thing: 0, says: `${this.fieldName(asked.field)}: choose which one stands.` };
    for (const [number, thing] of this.things.entries()) {
      const code = this.value(`code/${thing.name}`, unit.id);
      if (!code) return { thing: number, says: `${thing.title}: no code yet.` };
      if (thing.asks_for_note.includes(code) && !this.value(`note/${thing.name}`, unit.id))
        return { thing: number, says: `${thing.title}: say in the note on what it depends.` };
    }
    const sure = (thing) => this.value(`confidence/${thing.name}`, unit.id);
    const needsLevel = this.levels.length && !this.value("confidence", unit.id);
    if (needsLevel && !this.things.every(sure))
      return { thing: this.things.length, says: "Say how sure you are of these codes." };
    if (this.round.training && !this.value("done", unit.id))
      return { thing: this.things.length, says: "Go on to hand this statement in." };
    return null;
  }

  // Write fields of the statement in one act, which one step of undo takes back.
  act(changes, unit = this.unit.id) {
    if (this.round.training && this.value("done", unit))
      return say("This statement is done; its codes stand in this try.");
    this.acts.act(unit, changes);
  }

  showAct(unit, became) {
    if (became === "done") return this.showUnit();
    this.open(this.units.findIndex((candidate) => candidate.id === unit));
  }

  // ---- going from one to the next

  firstOpen(after = -1) {
    const open = (unit) => !this.isDone(unit);
    const skipped = (unit) => this.value("skip", unit.id);
    const order = [...this.units.keys()].map((number) => (number + after + 1) % this.units.length);
    const next = order.find((number) => open(this.units[number]) && !skipped(this.units[number]));
    return next ?? order.find((number) => open(this.units[number])) ?? -1;
  }

  go(number) {
    if (number < 0) {
      this.open(Math.min(this.current.unit, this.units.length - 1));
      this.askToClose();
      return;
    }
    this.open(number);
  }

  open(number) {
    this.current = { unit: number, thing: 0 };
    const first = this.missing(this.unit);
    this.current.thing = first ? first.thing : 0;
    this.shownSince = performance.now();
    this.showUnit();
    this.focusThing();
    window.scrollTo(0, 0);
  }

  async next() {
    const lacking = this.missing(this.unit);
    if (lacking && !(this.round.training && this.isAnswered())) {
      this.current.thing = lacking.thing;
      this.showUnit();
      this.focusThing();
      return say(lacking.says);
    }
    if (this.round.training && !this.value("done")) return this.handIn();
    this.noteTime();
    if (this.value("skip")) this.saving.write(this.unit.id, "skip", "");
    const left = this.current.unit;
    await this.saving.saved(); // a code is on the disk before the next statement shows
    if (this.current.unit === left) this.go(this.firstOpen(left));
  }

  isAnswered() {
    return this.things.every((thing) => this.value(`code/${thing.name}`));
  }

  async handIn() {
    this.saving.write(this.unit.id, "done", "yes");
    await this.saving.saved();
    this.showUnit();
    byId("feedback").scrollIntoView({ block: "nearest" });
  }

  answered(answer) {
    if (!answer.feedback) return;
    Object.assign(this.feedback, answer.feedback);
    this.showUnit();
  }

  skip() {
    this.saving.write(this.unit.id, "skip", "yes");
    this.noteTime();
    this.go(this.firstOpen(this.current.unit));
  }

  previous() {
    this.open((this.current.unit + this.units.length - 1) % this.units.length);
  }

  // Time on a statement helps to say how much is left; it is never shown as a speed.
  noteTime() {
    const seconds = Math.round((performance.now() - this.shownSince) / 1000);
    const longest = 1800; // a coder who left the desk was not coding
    const before = Number(this.value("seconds")) || 0;
    if (seconds > 0)
      this.saving.write(this.unit.id, "seconds", String(Math.min(before + seconds, longest)));
    this.shownSince = performance.now();
  }

  // ---- acts on the current thing

  get thing() {
    return this.things[this.current.thing];
  }

  choose(number) {
    if (!this.thing) {
      const level = this.levels[number];
      if (level) this.act([["confidence", level.code]]);
      return;
    }
    const code = this.scaleOf(this.thing)[number];
    if (code) this.chooseCode(this.current.thing, code.code);
  }

  scaleOf(thing) {
    return thing.codes.filter((code) => code.code !== "NA");
  }

  chooseCode(number, code) {
    const thing = this.things[number];
    this.current.thing = number;
    this.act([[`code/${thing.name}`, code]]);
    if (thing.asks_for_note.includes(code)) return byId("note")?.focus();
    this.move(1);
  }

  notAddressed() {
    const code = this.thing?.codes.find((candidate) => candidate.code === "NA");
    if (code) return this.chooseCode(this.current.thing, "NA");
    return say("This one has no such code.");
  }

  restNotAddressed() {
    const blank = this.things.filter(
      (thing) => thing.is_issue && !this.value(`code/${thing.name}`),
    );
    if (!blank.length) return say("Every issue of this statement has a code.");
    this.act(blank.map((thing) => [`code/${thing.name}`, "NA"]));
    this.current.thing = this.missing(this.unit)?.thing ?? this.things.length;
    this.showUnit();
    this.focusThing();
    say(`${counted(blank.length, "issue")} not addressed.`);
  }

  move(step) {
    const last = this.things.length - (this.levels.length ? 0 : 1);
    this.current.thing = Math.max(0, Math.min(last, this.current.thing + step));
    this.showUnit();
    this.focusThing();
  }

  sureness(step) {
    if (!this.thing || !this.levels.length) return;
    const field = `confidence/${this.thing.name}`;
    const now = this.levels.findIndex((level) => level.code === this.value(field));
    const start = step > 0 ? this.levels.length - 1 : 0;
    const next = now < 0 ? start : Math.max(0, Math.min(this.levels.length - 1, now + step));
    this.act([[field, this.levels[next].code]]);
  }

  mark(field) {
    this.act([[field, this.value(field) ? "" : "yes"]]);
  }

  actions() {
    const codes = {};
    for (let number = 0; number < 9; number++)
      codes[`code ${number + 1}`] = {
        label: `code ${number + 1} of the scale`,
        key: String(number + 1),
        run: () => this.choose(number),
      };
    return {
      ...codes,
      "not addressed": { label: "not addressed", key: "0", run: () => this.notAddressed() },
      "rest not addressed": {
        label: "all issues without a code: not addressed",
        key: "n",
        run: () => this.restNotAddressed(),
      },
      "thing below": { label: "thing below", key: "ArrowDown", repeats: true, run: () => this.move(1) },
      "thing above": { label: "thing above", key: "ArrowUp", repeats: true, run: () => this.move(-1) },
      next: { label: "next statement", key: "Enter", run: () => this.next() },
      previous: { label: "previous statement", key: "p", run: () => this.previous() },
      skip: { label: "skip for now", key: "s", run: () => this.skip() },
      undo: { label: "undo", key: "u", run: () => this.acts.undo() },
      redo: { label: "do again", key: "r", run: () => this.acts.redo() },
      unsure: {
        label: "not sure of this code",
        key: "d",
        run: () => this.thing && this.mark(`unsure/${this.thing.name}`),
      },
      surer: { label: "surer of this code", key: ".", run: () => this.sureness(1) },
      "less sure": { label: "less sure of this code", key: ",", run: () => this.sureness(-1) },
      note: { label: "note on this code", key: "t", run: () => byId("note")?.focus() },
      comment: { label: "comment on the statement", key: "c", run: () => byId("comment").focus() },
      flag: { label: "flag the statement for the codebook", key: "f", run: () => this.mark("flag") },
      search: { label: "search the codebook", key: "/", run: () => this.codebook.openSearch() },
      overview: { label: "list of statements", key: "l", run: () => this.openOverview() },
      keys: { label: "keys", key: "?", run: () => this.keys.open() },
    };
  }

  // ---- what is shown

  showUnit() {
    const { unit, round } = this;
    this.elsewhere.look();
    this.elsewhere.show(unit.id, {
      field: (field) => this.fieldName(field),
      value: (field, value) => this.valueName(field, value),
    });
    byId("title").textContent = round.training
      ? `Training, try ${round.training.n_failed + 1}`
      : `${round.title}: ${round.task}`;
    document.title = `${round.task}: ${this.current.unit + 1} of ${this.units.length}`;
    byId("statement-title").textContent =
      `Statement ${this.current.unit + 1} of ${this.units.length} · ${unit.id}`;
    this.showProgress();
    showWords(unit);
    this.showMarks();
    this.showFeedback();
    this.showThings();
    this.showGuide();
    byId("close").hidden = this.firstOpen() >= 0;
  }

  fieldName(field) {
    const [kind, name] = field.split("/");
    const thing = this.things.find((candidate) => candidate.name === name);
    const words = { unsure: "not sure", flag: "flagged", confidence: "confidence" };
    if (!thing) return words[kind] ?? kind;
    return kind === "code" ? thing.title : `${thing.title}, ${words[kind] ?? kind}`;
  }

  valueName(field, value) {
    const [kind, name] = field.split("/");
    const thing = this.things.find((candidate) => candidate.name === name);
    const code = kind === "code" && thing?.codes.find((candidate) => candidate.code === value);
    return code ? codeText(code) : value;
  }

  showProgress() {
    const left = this.units.filter((unit) => !this.isDone(unit)).length;
    const times = this.units.map((unit) => Number(this.value("seconds", unit.id))).filter(Boolean);
    times.sort((one, other) => one - other);
    const enough = 5; // before that, one long statement would make the estimate
    const minutes = Math.ceil((times[Math.floor(times.length / 2)] * left) / 60);
    const time = times.length >= enough && left ? `, about ${minutes} min at your own pace` : "";
    byId("progress").textContent =
      `${this.units.length - left} of ${this.units.length} coded, ${left} left${time}`;
  }

  showMarks() {
    const flagged = Boolean(this.value("flag"));
    const box = byId("comment");
    if (box && document.activeElement === box && box.dataset.unit === this.unit.id) return;
    const comment = element("textarea", {
      id: "comment",
      rows: "2",
      "data-unit": this.unit.id,
      onchange: (event) => this.writeText("comment", event.target),
      onkeydown: leaveWith(() => this.focusThing()),
    });
    comment.value = this.value("comment");
    byId("marks").replaceChildren(
      element(
        "button",
        { type: "button", "aria-pressed": String(flagged), onclick: () => this.mark("flag") },
        flagged ? "Flagged for the codebook" : "Flag for the codebook",
        this.keys.cap("flag"),
      ),
      element("label", { class: "field" }, "Comment", this.keys.cap("comment"), comment),
    );
  }

  writeText(field, box) {
    if (box.value !== this.value(field, box.dataset.unit))
      this.act([[field, box.value]], box.dataset.unit);
  }

  showFeedback() {
    const faults = this.value("done") ? this.feedback[this.unit.id] : null;
    if (!faults) return byId("feedback").replaceChildren();
    const words = faults.map(({ variable, rules }) =>
      element(
        "li",
        {},
        element("b", {}, this.things.find((thing) => thing.name === variable).title),
        rules.length ? ": read again " : ": read its definitions again.",
        ...rules.flatMap((rule) => [this.codebook.ruleBox(rule), " "]),
      ),
    );
    byId("feedback").replaceChildren(
      faults.length
        ? element("p", { class: "problem" }, `The key has otherwise on ${faults.length}:`)
        : element("p", { class: "good" }, "As the key has it. Go on with Enter."),
      element("ul", {}, ...words),
    );
  }

  showThings() {
    const rows = this.things.map((thing, number) => this.thingRow(thing, number));
    if (this.levels.length) rows.push(this.confidenceRow());
    const note = byId("note");
    const isTypingNote = note && document.activeElement === note;
    const kept = isTypingNote ? { text: note.value, position: note.selectionStart } : null;
    byId("things").replaceChildren(...rows);
    if (kept && byId("note")) {
      byId("note").value = kept.text;
      byId("note").focus();
      byId("note").setSelectionRange(kept.position, kept.position);
    }
  }

  thingRow(thing, number) {
    const chosen = this.value(`code/${thing.name}`);
    const isCurrent = number === this.current.thing;
    const buttons = thing.codes.map((code) => {
      const place = this.scaleOf(thing).indexOf(code);
      const key = place < 0 ? "not addressed" : `code ${place + 1}`;
      return element(
        "button",
        {
          type: "button",
          class: "code",
          "aria-pressed": String(code.code === chosen),
          title: code.definition,
          onclick: () => this.chooseCode(number, code.code),
        },
        isCurrent ? this.keys.cap(key) : "",
        element("span", {}, code.label || code.code),
        isNumber(code.code) ? element("span", { class: "number" }, signed(code.code)) : "",
      );
    });
    const doubtful = Boolean(this.value(`unsure/${thing.name}`));
    return element(
      "fieldset",
      {
        class: isCurrent ? "thing current" : "thing",
        "data-thing": thing.name,
        tabindex: "-1",
        onclick: (event) => !event.target.closest("button, textarea") && this.moveTo(number),
      },
      element("legend", {}, thing.title, doubtful ? element("em", {}, " not sure") : ""),
      element("div", { class: "codes", role: "group", "aria-label": thing.question }, ...buttons),
      isCurrent ? this.detail(thing) : "",
    );
  }

  moveTo(number) {
    if (number === this.current.thing) return;
    this.current.thing = number;
    this.showUnit();
    this.focusThing();
  }

  // Doubt, confidence and note of the current thing.
  detail(thing) {
    const note = element("textarea", {
      id: "note",
      rows: "1",
      "data-unit": this.unit.id,
      onchange: (event) => this.writeText(`note/${thing.name}`, event.target),
      onkeydown: leaveWith(() => this.move(1)),
    });
    note.value = this.value(`note/${thing.name}`);
    const doubtful = Boolean(this.value(`unsure/${thing.name}`));
    const asksForNote = thing.asks_for_note.includes(this.value(`code/${thing.name}`));
    return element(
      "div",
      { class: "detail" },
      element(
        "button",
        {
          type: "button",
          "aria-pressed": String(doubtful),
          onclick: () => this.mark(`unsure/${thing.name}`),
        },
        "Not sure",
        this.keys.cap("unsure"),
      ),
      this.levels.length ? this.levelButtons(`confidence/${thing.name}`, "Confidence") : "",
      element(
        "label",
        { class: "field" },
        asksForNote ? "Note: on what does it depend?" : "Note",
        this.keys.cap("note"),
        note,
      ),
    );
  }

  levelButtons(field, label) {
    const chosen = this.value(field);
    return element(
      "span",
      { class: "levels", role: "group", "aria-label": label },
      `${label} `,
      ...this.levels.map((level) =>
        element(
          "button",
          {
            type: "button",
            "aria-pressed": String(level.code === chosen),
            title: level.definition,
            onclick: () => this.act([[field, level.code]]),
          },
          level.code,
        ),
      ),
    );
  }

  confidenceRow() {
    const isCurrent = this.current.thing === this.things.length;
    const chosen = this.value("confidence");
    return element(
      "fieldset",
      { class: isCurrent ? "thing current" : "thing", "data-thing": "confidence", tabindex: "-1" },
      element("legend", {}, "How sure are you of the codes of this statement?"),
      element(
        "div",
        { class: "codes" },
        ...this.levels.map((level, number) =>
          element(
            "button",
            {
              type: "button",
              class: "code",
              "aria-pressed": String(level.code === chosen),
              onclick: () => {
                this.current.thing = this.things.length;
                this.act([["confidence", level.code]]);
              },
            },
            isCurrent ? this.keys.cap(`code ${number + 1}`) : "",
            element("span", {}, level.definition),
          ),
        ),
      ),
      element("p", { class: "hint" }, "It holds for every code above that has none of its own."),
    );
  }

  showGuide() {
    const { thing } = this;
    if (!thing) {
      byId("guide").replaceChildren(
        element("h2", {}, "Confidence"),
        ...this.levels.map((level) => element("p", {}, `${level.code}: ${level.definition}`)),
      );
      return;
    }
    byId("guide").replaceChildren(
      element("h2", {}, thing.title),
      element("p", { class: "question" }, thing.question),
      thing.scope ? element("p", {}, thing.scope) : "",
      this.codebook.scale(thing),
      thing.rules.length ? element("h3", {}, "Rules") : "",
      ...thing.rules.map((rule) => this.codebook.ruleBox(rule)),
    );
  }

  focusThing() {
    const name = this.thing?.name ?? "confidence";
    const row = document.querySelector(`[data-thing="${CSS.escape(name)}"]`);
    row?.focus({ preventScroll: true });
    row?.scrollIntoView({ block: "nearest" });
  }

  // ---- dialogs

  marksOf(unit) {
    return [
      this.isDone(unit) ? "coded" : this.isBegun(unit) ? "begun" : "",
      this.elsewhere.open(unit.id).length ? "two values" : "",
      this.value("skip", unit.id) ? "skipped" : "",
      this.value("flag", unit.id) ? "flagged" : "",
      this.things.some((thing) => this.value(`unsure/${thing.name}`, unit.id)) ? "not sure" : "",
      this.value("comment", unit.id) ? "comment" : "",
    ];
  }

  isBegun(unit) {
    return this.things.some((thing) => this.value(`code/${thing.name}`, unit.id));
  }

  askToClose() {
    const open = this.units.filter((unit) => !this.isDone(unit)).length;
    const unsure = this.units.filter((unit) =>
      this.things.some((thing) => this.value(`unsure/${thing.name}`, unit.id)),
    ).length;
    const flagged = this.units.filter((unit) => this.value("flag", unit.id)).length;
    byId("closing").querySelector(".content").replaceChildren(
      element("p", {}, open ? `${counted(open, "statement")} still open.` : "Every statement is coded."),
      element("p", {}, `${counted(unsure, "statement")} with a doubt, ${flagged} flagged.`),
      element("p", {}, "Closing seals your codes: nobody, you included, changes them afterwards."),
    );
    byId("close-now").disabled = open > 0;
    byId("closing").showModal();
  }

  close() {
    return this.round.training ? super.close("Go on to the round", "Try again") : super.close();
  }

  connect() {
    this.onClick("next", () => this.next());
    this.onClick("previous", () => this.previous());
    this.onClick("skip", () => this.skip());
    this.onClick("close", () => this.askToClose());
    this.onClick("open-overview", () => this.openOverview());
    byId("closing").addEventListener("close", (event) => {
      if (event.target.returnValue === "close") this.close();
    });
  }
}

const start = (workbench) => startPage(CodePage, workbench);
