// One disagreement: the codes that were given, and a decision with its rules and its reason.

export class Decision {
  // `page` is that of the adjudicator; `given` has the codes in an order that tells nothing.
  constructor(page, { variable, given }) {
    this.page = page;
    this.unit = page.unit.id;
    this.thing = page.things.get(variable);
    const { keys } = page;
    const entered = () => page.enter(this);
    const chosen = (code) => page.chooseCode(this, code);
    this.row = new Row(this.thing, keys, { chosen, entered });
    this.wording = this.thing.codes.length ? null : this.textBox("code", () => this.goOn());
    this.picker = new RulePicker(page.codebook, this.written("rule"), {
      write: (text) => page.act([[this.field("rule"), text]], this.unit),
      done: () => this.goOn(),
      leave: () => this.focus(),
    });
    this.picker.input.dataset.field = this.field("rule");
    this.reason = this.textBox("reason", () => this.goOn());
    this.box = element(
      "div",
      { class: "decision", onfocusin: entered },
      this.row.box,
      this.givenCodes(given),
      this.wording ? element("label", { class: "field" }, "Wording", this.wording) : "",
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

  textBox(kind, leave) {
    const attributes = { rows: "2", "data-field": this.field(kind) };
    const write = (text, visit) => this.page.act([[this.field(kind), text]], this.unit, visit);
    return textBox(attributes, this.written(kind), write, leave);
  }

  givenCodes(given) {
    const lines = given.map(({ code, note }) =>
      element("li", {}, element("b", {}, codeNamed(this.thing, code)), note ? `: ${note}` : ""),
    );
    return element("ul", { class: "given", "aria-label": "Codes that were given" }, ...lines);
  }

  // Show what is decided; who types goes on typing.
  show(isCurrent) {
    const boxes = [["reason", this.reason], ["rule", this.picker.input], ["code", this.wording]];
    const marks = { isDoubtful: false, isWrong: false, isFixed: false };
    this.row.show({ code: this.written("code"), isCurrent, ...marks });
    this.box.classList.toggle("done", !this.page.lacking(this.unit, this.thing.name));
    for (const [kind, box] of boxes)
      if (box && document.activeElement !== box) box.value = this.written(kind);
  }

  focus() {
    this.row.focus();
  }

  // Put the cursor where the decision lacks something; go on from one that is complete.
  goOn() {
    const lacking = this.page.lacking(this.unit, this.thing.name);
    const box = { code: this.wording ?? this.row, rule: this.picker.input, reason: this.reason };
    if (lacking) box[lacking].focus();
    else this.page.goOn();
  }
}

// A code of a thing as people read it.
export function codeNamed(thing, code) {
  const known = thing.codes.find((candidate) => candidate.code === code);
  return known ? codeText(known, thing) : code;
}
