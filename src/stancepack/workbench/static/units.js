// What pages of units share: the text beside them, and the boxes in which a unit is described.

// Bring a text of a task onto the page, and let go from one to another.
export class TextPane {
  constructor(texts, marked, changed) {
    this.texts = texts;
    this.marked = marked;
    this.changed = () => {}; // until the page is there
    this.choice = byId("text-choice");
    this.choice.replaceChildren(
      ...texts.map(({ id, title }) => element("option", { value: id }, title || id)),
    );
    this.choice.closest("label").hidden = texts.length < 2;
    this.choice.addEventListener("change", () => this.show(this.choice.value));
    this.show(texts[0].id);
    this.changed = changed;
  }

  get source() {
    return this.choice.value;
  }

  show(source) {
    const { title, text } = this.texts.find(({ id }) => id === source);
    this.choice.value = source;
    byId("text-title").textContent = title || source;
    this.marked.show(text);
    this.changed();
  }

  next() {
    const number = this.texts.findIndex(({ id }) => id === this.source);
    this.show(this.texts[(number + 1) % this.texts.length].id);
  }

  // The words of a span, of whichever text.
  wordsOf(span) {
    const { text } = this.texts.find(({ id }) => id === span.source);
    this.points ??= new Map();
    if (!this.points.has(span.source)) this.points.set(span.source, new CodePoints(text));
    const points = this.points.get(span.source);
    return text.slice(points.index(span.start), points.index(span.end));
  }
}

// A passage is written as "start-end source", in code points.
export function passageText({ source, start, end }) {
  return `${start}-${end} ${source}`;
}

export function spanOf(passage) {
  const [, start, end, source] = /^(\d+)-(\d+) (.+)$/s.exec(passage) ?? [];
  return source === undefined ? null : { start: Number(start), end: Number(end), source };
}

// The boxes for a unit. `read` and `write` get and set a field; `leave` goes back to the text.
export class UnitBoxes {
  constructor(task, { read, write, leave }) {
    this.task = task;
    this.read = read;
    this.write = write;
    this.leave = leave;
  }

  speaker() {
    const several = this.task.is_joint ? "; several are parted by a semicolon" : "";
    const said = element("span", { class: "hint", role: "status" });
    const tell = () => {
      said.textContent = namesIn(this.read("speaker"), ";")
        .map((name) => this.speakerText(name))
        .join("; ");
    };
    const box = this.named("speaker", `Speaker${several}`, this.task.actors, "; ", tell);
    tell();
    return element("div", {}, box, said);
  }

  actor(name) {
    return this.task.actors.find(
      (actor) => actor.id === name || actor.name.toLowerCase() === name.toLowerCase(),
    );
  }

  speakerText(name) {
    const known = this.actor(name);
    return known ? `${known.name} (${known.id})` : `${name}: new, not among the actors yet`;
  }

  systems() {
    if (!this.task.has_systems) return "";
    return this.named("systems", "Systems; ids parted by spaces", this.task.systems, " ");
  }

  // A box that proposes names; in one that takes several, the next after each that is there.
  named(field, label, known, between, told = () => {}) {
    const list = element("datalist", { id: `known-${field}` });
    const propose = (text) => {
      const before = text.slice(0, text.lastIndexOf(between.trim() || between) + 1).trim();
      const head = before ? `${before}${before.endsWith(" ") ? "" : " "}` : "";
      const byName = field === "speaker";
      const options = known.map(({ id, name }) =>
        element("option", { value: head + (byName ? name : id) }, byName ? id : name),
      );
      list.replaceChildren(...options);
    };
    const box = this.line(field, { list: list.id }, (text) => {
      propose(text);
      told();
    });
    propose(box.value);
    return labelled(label, box, list);
  }

  // One line of text, written while it is typed.
  line(field, attributes = {}, told = () => {}) {
    const own = { type: "text", autocomplete: "off", "data-field": field };
    const box = element("input", { ...own, ...attributes });
    box.value = this.read(field);
    let visit = {};
    box.addEventListener("focus", () => {
      visit = {};
    });
    const send = () => {
      if (box.value !== this.read(field)) this.write(field, box.value, visit);
      told(box.value);
    };
    box.addEventListener("input", send);
    box.addEventListener("keydown", (event) => {
      if (event.isComposing || !["Enter", "Escape"].includes(event.key)) return;
      event.preventDefault();
      event.stopPropagation();
      send();
      if (event.key === "Escape") this.leave();
      else goOn(box);
    });
    return box;
  }

  text(field, label, attributes = {}) {
    let isEscape = false;
    const box = textBox(
      { rows: "2", "data-field": field, ...attributes },
      this.read(field),
      (text, visit) => {
        if (text !== this.read(field)) this.write(field, text, visit);
      },
      () => (isEscape ? this.leave() : goOn(box)),
    );
    box.addEventListener("keydown", (event) => (isEscape = event.key === "Escape"), true);
    return labelled(label, box);
  }
}

export function labelled(label, ...boxes) {
  return element("label", { class: "field" }, label, ...boxes);
}

// Go on to the box below, or to the first button there.
function goOn(box) {
  const places = Array.from(box.closest("form").querySelectorAll("input, textarea, button"));
  places[places.indexOf(box) + 1]?.focus();
}

export function namesIn(text, between) {
  return text.split(between).map((name) => name.trim()).filter(Boolean);
}

// Show the rules of unitising, folded, one below the other.
export function showRules(codebook) {
  const rules = Array.from(codebook.rules.keys(), (name) => codebook.ruleBox(name));
  byId("rules").replaceChildren(
    ...(rules.length ? rules : [element("p", {}, "The codebook has none for units.")]),
  );
}

// As much of a text as fits a line.
export function beginning(text, most = 90) {
  const line = text.replace(/\s+/g, " ").trim();
  return line.length > most ? `${line.slice(0, most)}…` : line;
}
