// A box for the names of rules: what is typed is looked up among them, and only rules are written.

export class RulePicker {
  // `write` is called with the ids of the rules, parted by spaces; `done` when Enter leaves the box,
  // `leave` when Escape does.
  constructor(codebook, value, { write, done, leave }) {
    this.rules = codebook.rules;
    this.write = write;
    this.input = element("input", { type: "text", autocomplete: "off" });
    this.input.value = value;
    this.offered = element("div", { class: "codes offered" });
    this.said = element("p", { class: "hint", role: "status" });
    this.input.addEventListener("input", () => this.offer());
    this.input.addEventListener("change", () => this.take());
    this.input.addEventListener("keydown", (event) => {
      if (event.isComposing || (event.key !== "Enter" && event.key !== "Escape")) return;
      event.preventDefault();
      event.stopPropagation();
      if (event.key === "Escape") leave();
      else if (this.take()) done();
    });
  }

  field(label, cap) {
    const labelled = element("label", {}, label, cap, this.input);
    return element("div", { class: "field" }, labelled, this.offered, this.said);
  }

  // The rules that the box names, and the words in it that name none.
  get named() {
    const ids = new Map([...this.rules.keys()].map((id) => [id.toLowerCase(), id]));
    const typed = this.input.value.split(/[\s,;]+/).filter(Boolean);
    const rules = typed.map((word) => ids.get(word.toLowerCase())).filter(Boolean);
    const words = typed.filter((word) => !ids.has(word.toLowerCase()));
    return { rules: [...new Set(rules)], words };
  }

  // The rules whose id or title has all of some words.
  like(words) {
    if (!words.length) return [];
    return [...this.rules.values()].filter((rule) => {
      const text = `${rule.id} ${rule.title ?? ""}`.toLowerCase();
      return words.every((word) => text.includes(word.toLowerCase()));
    });
  }

  offer() {
    const { rules, words } = this.named;
    const button = (rule) => {
      const add = () => {
        this.set([...rules, rule.id]);
        this.input.focus();
      };
      return element("button", { type: "button", onclick: add }, `${rule.id} ${rule.title ?? ""}`);
    };
    this.said.textContent = "";
    this.offered.replaceChildren(...this.like(words).map(button));
  }

  set(rules) {
    this.input.value = rules.length ? `${rules.join(" ")} ` : "";
    this.offered.replaceChildren();
    this.write(rules.join(" "));
  }

  // Write the rules that the box names; say what keeps it from being so.
  take() {
    const { rules, words } = this.named;
    const like = this.like(words);
    if (words.length && like.length !== 1) {
      const sought = words.join(" ");
      this.said.textContent = like.length
        ? `${counted(like.length, "rule")} with “${sought}”: type on, or choose one.`
        : `There is no rule “${sought}”.`;
      return false;
    }
    this.set([...new Set([...rules, ...like.map((rule) => rule.id)])]);
    return true;
  }
}
