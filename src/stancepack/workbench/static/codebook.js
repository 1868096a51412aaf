// The codebook on a page: what a scale's codes mean, the rules, and a search through both.

export class CodebookShown {
  constructor(codebook) {
    this.things = codebook.things;
    this.rules = new Map(codebook.rules.map((rule) => [rule.id, rule]));
    byId("search-words").addEventListener("input", () => this.search());
    byId("search-words").addEventListener("keydown", (event) => {
      if (event.key !== "Escape" || event.isComposing) return;
      event.preventDefault(); // else the first one only empties the box
      byId("search").close();
    });
    const names = [...this.rules.keys()].sort((one, other) => other.length - one.length);
    const escaped = names.map((name) => name.replace(/[.*+?^${}()|[\]\\]/g, "\\$&"));
    this.named = names.length ? new RegExp(`\\b(${escaped.join("|")})\\b`) : /(?!)/;
  }

  // What the codes of a thing mean, as a list of definitions; `cap` gives what stands before one.
  scale(thing, cap = () => "") {
    const entries = thing.codes.flatMap((code) => [
      element("dt", {}, cap(code), codeText(code, thing)),
      this.definition(code),
    ]);
    return element("dl", { class: "scale" }, ...entries);
  }

  // A text in which the names of rules are buttons that open them.
  withRules(text, own = "") {
    return (text ?? "").split(this.named).map((part) => {
      if (!this.rules.has(part) || part === own) return part;
      const open = (event) => this.openRule(part, event.target);
      const title = this.rules.get(part).title ?? "";
      return element("button", { type: "button", class: "to-rule", title, onclick: open }, part);
    });
  }

  // Open a rule where it stands beside what was clicked, else in the search.
  openRule(name, from) {
    const beside = from.closest("#scale, #search .content")?.querySelectorAll("details.rule") ?? [];
    const box = [...beside].find((rule) => rule.dataset.rule === name);
    if (!box) return this.openSearch(name);
    box.open = true;
    box.scrollIntoView({ block: "nearest" });
    return box.querySelector("summary").focus();
  }

  definition(code) {
    return element(
      "dd",
      {},
      ...this.withRules(code.definition),
      code.use ? element("p", { class: "use" }, "Use: ", ...this.withRules(code.use)) : "",
      code.not ? element("p", { class: "not" }, "Not: ", ...this.withRules(code.not)) : "",
    );
  }

  // A rule by its id, folded; the id alone where the codebook has no such rule.
  ruleBox(name) {
    const rule = this.rules.get(name);
    if (!rule) return name;
    const texts = (rule.examples ?? []).map((example) => this.exampleText(example));
    const examples = texts.map((text) => element("li", {}, text));
    return element(
      "details",
      { class: "rule", "data-rule": name },
      element("summary", {}, `${name} ${rule.title ?? ""}`),
      element("p", {}, ...this.withRules(rule.rule, name)),
      examples.length ? element("ul", {}, ...examples) : "",
    );
  }

  // An example with its codes, by the titles of what is coded.
  exampleText(example) {
    if (typeof example === "string") return example;
    const codes = Object.entries(example.codes ?? {}).map(([name, value]) => {
      const thing = this.things.find((candidate) => candidate.name === name);
      const code = thing?.codes.find((candidate) => candidate.code === String(value));
      if (!code) return `${thing?.title ?? name} ${value}`;
      return `${thing.title} ${isNumber(code.code) ? numberText(code.code, thing) : code.label}`;
    });
    return [example.text, codes.join(", ") || example.code].filter(Boolean).join(" → ");
  }

  openSearch(words) {
    if (words) byId("search-words").value = words;
    if (!byId("search").open) byId("search").showModal();
    byId("search-words").select();
    this.search();
  }

  search() {
    const words = byId("search-words").value.toLowerCase().split(/\s+/).filter(Boolean);
    const has = (text) => words.every((word) => text.toLowerCase().includes(word));
    const rules = [...this.rules.values()].filter((rule) => has(JSON.stringify(rule)));
    const isNamed = ({ id }) => id.toLowerCase() === words.join(" ");
    rules.sort((one, other) => isNamed(other) - isNamed(one));
    const codes = this.things.flatMap((thing) =>
      thing.codes
        .filter((code) => has(`${thing.title} ${thing.question} ${Object.values(code).join(" ")}`))
        .map((code) => [thing, code]),
    );
    const entries = codes.flatMap(([thing, code]) => [
      element("dt", {}, `${thing.title}: ${codeText(code, thing)}`),
      this.definition(code),
    ]);
    byId("search-count").textContent =
      `${counted(codes.length, "code")}, ${counted(rules.length, "rule")}`;
    const boxes = rules.map((rule) => this.ruleBox(rule.id));
    byId("search").querySelector(".content").replaceChildren(
      ...boxes,
      codes.length ? element("dl", { class: "scale" }, ...entries) : "",
    );
    const isOnly = rules.length === 1 && !codes.length;
    if (rules.length && (isOnly || isNamed(rules[0]))) boxes[0].open = true;
  }
}

// A code of a thing as people read it: its number, where it is one, and its label.
export function codeText(code, thing) {
  const number = isNumber(code.code) ? `${numberText(code.code, thing)} ` : "";
  return `${number}${code.label || code.code}`;
}

export function isNumber(code) {
  return /^[+-]?\d/.test(code);
}

// The number of a code, with a plus where others of its scale have a minus.
export function numberText(code, thing) {
  if (!isNumber(code)) return code;
  const hasSides = thing.codes.some((other) => other.code.startsWith("-"));
  return hasSides && Number(code) > 0 ? `+${code.replace(/^\+/, "")}` : code.replace(/^-/, "−");
}
