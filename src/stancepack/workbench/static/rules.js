// A box for the names of rules: what is typed is looked up among them, and only rules are written.

const MOST_OFFERED = 8; // rules as buttons: more push away what stands below

export class RulePicker {
  // `likely` are the rules that are offered before anything is typed. `write` is called with the
  // ids of the rules, parted by spaces; `done` when Enter leaves the box, `leave` when Escape does.
  constructor(codebook, value, likely, { write, done, leave }) {
    this.rules = codebook.rules;
    this.likely = likely.filter((id) => this.rules.has(id));
    this.write = write;
    this.input = element("input", {
      type: "text",
      autocomplete: "off",
      placeholder: "number of a rule, or words of its title",
    });
    this.offered = element("div", { class: "codes offered" });
    this.said = element("p", { class: "hint", role: "status" });
    this.input.addEventListener("input", () => this.offer());
    this.input.addEventListener("change", () => this.take());
    this.input.addEventListener("keydown", (event) => {
      if (event.isComposing || (event.key !== "Enter" && event.key !== "Escape")) return;
      event.preventDefault();
      event.stopPropagation();
      if (event.key === "Escape") leave();
      else if (!this.input.value.trim()) this.said.textContent = NO_YET.rule;
      else if (this.take()) done();
    });
    this.show(value);
  }

  field(label, cap) {
    const labelled = element("label", {}, label, cap, this.input);
    return element("div", { class: "field" }, labelled, this.said, this.offered);
  }

  // Show the rules that are written; who types goes on typing.
  show(value) {
    if (document.activeElement === this.input || value === this.shown) return;
    this.shown = value;
    this.input.value = value;
    this.offer();
  }

  // The rule that a word names by its id, or by the number in it.
  idOf(word) {
    const ids = [...this.rules.keys()];
    const named = ids.find((id) => id.toLowerCase() === word.toLowerCase());
    const numbered = ids.filter((id) => id.replace(/^\D+/, "") === word);
    return named ?? (numbered.length === 1 ? numbered[0] : undefined);
  }

  // The rules that the box names, and the words in it that name none.
  get named() {
    const typed = this.input.value.split(/[\s,;]+/).filter(Boolean);
    const rules = typed.map((word) => this.idOf(word)).filter(Boolean);
    const words = typed.filter((word) => !this.idOf(word));
    return { rules: [...new Set(rules)], words };
  }

  // The rules whose id or title has all of some words; if none has, those whose text has them.
  like(words) {
    if (!words.length) return [];
    const having = (textOf) =>
      [...this.rules.values()].filter((rule) => {
        const text = textOf(rule).toLowerCase();
        return words.every((word) => text.includes(word.toLowerCase()));
      });
    const titled = having((rule) => `${rule.id} ${rule.title ?? ""}`);
    return titled.length ? titled : having((rule) => `${rule.title ?? ""} ${rule.rule ?? ""}`);
  }

  // Offer the rules that are like what is typed; before that, those that are likely.
  offer() {
    const { rules, words } = this.named;
    const ids = words.length
      ? this.like(words).map((rule) => rule.id)
      : [...new Set([...this.likely, ...rules])];
    this.said.textContent = words.length ? offerText(ids, words) : "";
    const offered = JSON.stringify([ids, rules]);
    if (this.offered.dataset.offered === offered) return; // whoever goes to a button finds it there
    this.offered.dataset.offered = offered;
    const shown = ids.slice(0, MOST_OFFERED).map((id) => this.button(id, rules));
    this.offered.replaceChildren(...shown);
  }

  // A rule to name, or not to name any more.
  button(id, rules) {
    const isNamed = rules.includes(id);
    const change = () => {
      this.set(isNamed ? rules.filter((other) => other !== id) : [...rules, id]);
      this.input.focus();
    };
    const { title, rule } = this.rules.get(id);
    return element(
      "button",
      {
        type: "button",
        title: rule,
        "aria-pressed": String(isNamed),
        onmousedown: (event) => event.preventDefault(), // the cursor stays in the box
        onclick: change,
      },
      `${id} ${title ?? ""}`,
    );
  }

  set(rules) {
    this.input.value = rules.length ? `${rules.join(" ")} ` : "";
    this.shown = rules.join(" ");
    this.offer();
    this.write(this.shown);
  }

  // Write the rules that the box names, if each word names one.
  take() {
    const { rules, words } = this.named;
    const like = this.like(words);
    if (words.length && like.length !== 1) {
      this.offer();
      return false;
    }
    this.set([...new Set([...rules, ...like.map((rule) => rule.id)])]);
    return true;
  }
}

function offerText(ids, words) {
  const sought = `“${words.join(" ")}”`;
  if (!ids.length) return `There is no rule ${sought}.`;
  if (ids.length === 1) return `One rule with ${sought}: Enter takes it.`;
  return `${ids.length} rules with ${sought}: type on, or choose one.`;
}
