// One disagreement: the codes that were given, and a decision with its rules and its reason.

// what a decision lacks, and how it comes there
const NO_YET = {
  code: "No code yet: press the letter on a button.",
  wording: "No wording yet: one sentence in our own words.",
  rule: "No rule yet: type its number, or words of its title.",
  reason: "No reason yet: say in a sentence why this one stands.",
};

export class Decision {
  // `page` is that of the adjudicator; `given` has the codes, and `wordings` those of a condition,
  // in an order that tells nothing; `rules` are those that may decide it.
  constructor(page, { variable, given, wordings = [], rules }) {
    this.page = page;
    this.unit = page.unit.id;
    this.thing = page.things.get(variable);
    const { keys } = page;
    const entered = () => page.enter(this);
    const chosen = (code) => page.chooseCode(this, code);
    this.row = new Row(this.thing, keys, { chosen, entered });
    this.wordings = wordings;
    this.wording = this.thing.codes.length ? null : this.textBox("code");
    this.picker = new RulePicker(page.codebook, this.written("rule"), rules, {
      write: (text) => page.act([[this.field("rule"), text]], this.unit),
      done: () => this.goOn(),
      leave: () => this.focus(),
    });
    this.picker.input.dataset.field = this.field("rule");
    this.reason = this.textBox("reason");
    this.box = element(
      "div",
      { class: "decision", onfocusin: entered },
      this.row.box,
      given.length ? this.givenCodes(given) : "",
      ...(this.wording ? this.wordingFields() : []),
      this.picker.field("Rules", keys.cap("rule")),
      element("label", { class: "field" }, "Reason", keys.cap("reason"), this.reason),
    );
  }

  field(kind) {
    return `${kind}/${this.thing.name}`;
  }

  written(kind) {
    return this.page.value(this.field(kind), this.unit);
  }

  textBox(kind) {
    const attributes = { rows: "2", "data-field": this.field(kind) };
    const write = (text, visit) => this.page.act([[this.field(kind), text]], this.unit, visit);
    const leave = (key) => (key === "Escape" ? this.focus() : this.goOn());
    return textBox(attributes, this.written(kind), write, leave);
  }

  givenCodes(given) {
    const lines = given.map(({ code, note }) =>
      element("li", {}, element("b", {}, codeNamed(this.thing, code)), note ? `: ${note}` : ""),
    );
    return element("ul", { class: "given", "aria-label": "Codes that were given" }, ...lines);
  }

  // The wordings of the coders, each to be taken over, and a box for the one that stands.
  wordingFields() {
    const { keys } = this.page;
    const buttons = this.wordings.map((wording, number) =>
      element(
        "button",
        { type: "button", onclick: () => this.page.takeOver(this, number) },
        keys.cap(`wording ${number + 1}`),
        ` ${wording}`,
      ),
    );
    const label = buttons.length > 1 ? "Wordings of the coders" : "Proposed: the coders’ wording";
    const hint = element("span", { class: "hint" }, label);
    const group = { class: "wordings", role: "group", "aria-label": label };
    return [
      buttons.length ? element("div", group, hint, ...buttons) : "",
      element("label", { class: "field" }, "Wording", keys.cap("wording"), this.wording),
    ];
  }

  // Show what is decided; who types goes on typing.
  show(isCurrent) {
    const boxes = [["reason", this.reason], ["code", this.wording]];
    const marks = { isDoubtful: false, isWrong: false, isFixed: false };
    this.row.show({ code: this.written("code"), isCurrent, ...marks });
    this.box.classList.toggle("done", !this.page.lacking(this.unit, this.thing.name));
    for (const [kind, box] of boxes)
      if (box && document.activeElement !== box) box.value = this.written(kind);
    this.picker.show(this.written("rule"));
  }

  focus() {
    this.row.focus();
  }

  // Put the cursor where the decision lacks something, and say what; go on from a complete one.
  goOn() {
    const lacking = this.page.lacking(this.unit, this.thing.name);
    if (!lacking) return this.page.goOn();
    const code = this.wordings.length ? this.row : (this.wording ?? this.row);
    ({ code, rule: this.picker.input, reason: this.reason })[lacking].focus();
    return say(`${this.thing.title}. ${this.noYet(lacking)}`);
  }

  noYet(lacking) {
    if (lacking !== "code" || !this.wording) return NO_YET[lacking];
    if (!this.wordings.length) return NO_YET.wording;
    const { keys } = this.page;
    const own = this.wordings.map((_, number) => shownKey(keys.key(`wording ${number + 1}`)));
    const take = `${own.join(" or ")} takes over ${own.length > 1 ? "a" : "the"} coders’ wording`;
    return `No wording yet: ${take}, ${shownKey(keys.key("wording"))} writes another.`;
  }
}

// A code of a thing as people read it.
export function codeNamed(thing, code) {
  const known = thing.codes.find((candidate) => candidate.code === code);
  return known ? codeText(known, thing) : code;
}
