// A row of the page: one thing to code, with a button for each of its codes. A row keeps its size
// whatever is chosen, so that no option moves away under a pointer.

export class Row {
  // `chosen` is called with a code that is clicked and with whether a pointer did so, `entered`
  // when the row gets the focus.
  constructor(thing, keys, { chosen, entered }) {
    this.thing = thing;
    const number = numbersIn(thing.codes);
    const id = `thing-${thing.name}`;
    this.buttons = thing.codes.map((code) =>
      element(
        "button",
        {
          type: "button",
          class: "code",
          title: [code.label || code.code, code.definition].filter(Boolean).join(": "),
          onclick: (event) => chosen(code.code, event.detail > 0),
        },
        keys.cap(keyName(thing, code)),
        number ? element("span", { class: "number" }, numberText(code.code, thing)) : "",
        element("span", { class: "label" }, ` ${code.label || code.code}`),
      ),
    );
    this.sign = element("span", { class: "sign", "aria-hidden": "true" });
    this.needs = element("span", { class: "needs" });
    this.remark = element("span", { class: "only-read" });
    this.box = element(
      "div",
      {
        class: number ? "thing scale-row" : "thing",
        role: "group",
        tabindex: "0",
        "aria-labelledby": id,
        "data-thing": thing.name,
        onfocusin: entered,
      },
      element("div", { class: "thing-title", id }, thing.title, this.sign, this.remark, this.needs),
      element("div", { class: "codes" }, ...this.buttons),
    );
  }

  // Show what is chosen, whether keys go here, a doubt, a note that is there or missing, and whether
  // the key has it otherwise.
  show({ code, isCurrent, isDoubtful, hasNote, lacksNote, isWrong, isFixed }) {
    this.box.classList.toggle("current", isCurrent);
    this.box.classList.toggle("wrong", isWrong);
    this.sign.textContent = `${isDoubtful ? "?" : ""}${hasNote ? "✎" : ""}`;
    this.needs.textContent = lacksNote ? "note missing" : "";
    const wrong = isWrong && "the key has it otherwise";
    const remarks = [isDoubtful && "not sure", hasNote && "has a note", wrong];
    this.remark.textContent = remarks.filter(Boolean).join(", ");
    for (const [number, button] of this.buttons.entries()) {
      button.setAttribute("aria-pressed", String(this.thing.codes[number].code === code));
      button.setAttribute("aria-disabled", String(isFixed));
      button.tabIndex = isCurrent ? 0 : -1;
    }
  }

  // Give it the focus; what a pointer is over does not move.
  focus(byPointer = false) {
    this.box.focus({ preventScroll: true });
    const isNarrow = matchMedia("(max-width: 48rem)").matches; // the next row is out of sight there
    if (!byPointer || isNarrow) this.box.scrollIntoView({ block: "nearest" });
  }
}

// A scale is a row of numbers; what they mean stands beside it.
function numbersIn(codes) {
  const numbers = codes.filter((code) => isNumber(code.code));
  return numbers.length > 0 && scaleOf({ codes }).length === numbers.length;
}

// The codes of a thing that have keys by their place; "not addressed" has a key of its own.
export function scaleOf(thing) {
  return thing.codes.filter((code) => code.code !== "NA");
}

export function keyName(thing, code) {
  const place = scaleOf(thing).indexOf(code);
  return place < 0 ? "not addressed" : `code ${place + 1}`;
}

export function labelOf(thing, code) {
  const found = thing.codes.find((candidate) => candidate.code === code);
  return found ? found.label || found.code : "";
}

// the home row, left to right as the scale: a digit could be taken for the number of a code
const CODE_KEYS = "asdfghjkl1234567890";

// Actions that choose a code of the current row by its place; `choose` is called with it.
export function codeActions({ things, confidence }, choose) {
  const longest = Math.max(confidence.length, ...things.map((thing) => scaleOf(thing).length));
  const actions = [...CODE_KEYS.slice(0, longest)].map((key, number) => [
    `code ${number + 1}`,
    { label: `${ordinal(number + 1)} code of the row`, key, run: () => choose(number) },
  ]);
  return Object.fromEntries(actions);
}

function ordinal(number) {
  return ORDINALS[number - 1] ?? `${number}th`;
}

const ORDINALS = ["first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth"];
