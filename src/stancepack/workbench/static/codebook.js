// The codebook on a page: what a scale's codes mean, the rules, and a search through both.

export class CodebookShown {
  constructor(codebook) {
    this.things = codebook.things;
    this.rules = new Map(codebook.rules.map((rule) => [rule.id, rule]));
    byId("search-words").addEventListener("input", () => this.search());
  }

  // What the codes of a thing mean, as a list of definitions; `cap` gives what stands before one.
  scale(thing, cap = () => "") {
    const entries = thing.codes.flatMap((code) => [
      element("dt", {}, cap(code), codeText(code, thing)),
      definition(code),
    ]);
    return element("dl", { class: "scale" }, ...entries);
  }

  // A rule by its id, folded; the id alone where the codebook has no such rule.
  ruleBox(name) {
    const rule = this.rules.get(name);
    if (!rule) return name;
    const texts = (rule.examples ?? []).map(exampleText);
    const examples = texts.map((text) => element("li", {}, text));
    return element(
      "details",
      { class: "rule" },
      element("summary", {}, `${name} ${rule.title ?? ""}`),
      element("p", {}, rule.rule ?? ""),
      examples.length ? element("ul", {}, ...examples) : "",
    );
  }

  openSearch() {
    byId("search").showModal();
    byId("search-words").select();
    this.search();
  }

  search() {
    const words = byId("search-words").value.toLowerCase().split(/\s+/).filter(Boolean);
    const has = (text) => words.every((word) => text.toLowerCase().includes(word));
    const rules = [...this.rules.values()].filter((rule) => has(JSON.stringify(rule)));
    const codes = this.things.flatMap((thing) =>
      thing.codes
        .filter((code) => has(`${thing.title} ${thing.question} ${Object.values(code).join(" ")}`))
        .map((code) => [thing, code]),
    );
    const entries = codes.flatMap(([thing, code]) => [
      element("dt", {}, `${thing.title}: ${codeText(code, thing)}`),
      definition(code),
    ]);
    byId("search-count").textContent =
      `${counted(codes.length, "code")}, ${counted(rules.length, "rule")}`;
    byId("search").querySelector(".content").replaceChildren(
      ...rules.map((rule) => this.ruleBox(rule.id)),
      codes.length ? element("dl", { class: "scale" }, ...entries) : "",
    );
  }
}

function definition(code) {
  return element(
    "dd",
    {},
    code.definition,
    code.use ? element("p", { class: "use" }, `Use: ${code.use}`) : "",
    code.not ? element("p", { class: "not" }, `Not: ${code.not}`) : "",
  );
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

function exampleText(example) {
  if (typeof example === "string") return example;
  const codes = Object.entries(example.codes ?? {}).map(([name, code]) => `${name} ${code}`);
  return [example.text, codes.join(", ") || example.code].filter(Boolean).join(" → ");
}
