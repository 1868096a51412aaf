// What a coder sees of rounds that are sealed: where the settled code is another one, and why.

class OverruledPage {
  constructor(state) {
    byId("title").textContent = state.title;
    byId("saving").hidden = true;
    byId("rounds").replaceChildren(...state.rounds.map((round) => this.round(round)));
  }

  round(round) {
    const head = element("h2", {}, round.name);
    if (!round.is_settled) {
      const text = round.settles
        ? "When all of the round is settled, this page shows where and why."
        : "This round settles nothing: the same statements were coded in another one.";
      return element("section", {}, head, element("p", {}, `Your codes are sealed. ${text}`));
    }
    const things = new Map(round.codebook.things.map((thing) => [thing.name, thing]));
    const rules = new Map(round.codebook.rules.map((rule) => [rule.id, rule]));
    const sum = `Of your ${counted(round.n_codes, "code")}, ${round.overruled.length} were settled otherwise.`;
    const cards = round.overruled.map((row) =>
      this.card(row, round.units[row.unit], things.get(row.variable), rules),
    );
    return element("section", {}, head, element("p", {}, sum), ...cards);
  }

  card(row, unit, thing, rules) {
    const named = (code) => {
      const known = thing.codes.find((candidate) => candidate.code === code);
      return known ? codeText(known, thing) : code;
    };
    const who = [unit.speaker, unit.date, unit.venue].filter(Boolean).join(", ");
    const fact = (name, ...content) => [element("dt", {}, name), element("dd", {}, ...content)];
    return element(
      "article",
      { class: "overruled" },
      element("h3", {}, `${thing.title} · ${row.unit}`),
      element("p", { class: "hint" }, who),
      ...words(unit),
      element(
        "dl",
        { class: "scale" },
        ...fact("You", named(row.code), row.note ? element("p", {}, row.note) : ""),
        ...fact("Settled", named(row.settled)),
        ...fact("Reason", row.reason),
        ...fact("Rules", ...row.rules.map((id) => ruleText(rules.get(id), id))),
      ),
    );
  }
}

function ruleText(rule, id) {
  if (!rule) return element("p", {}, id);
  return element("p", {}, element("b", {}, `${id} ${rule.title ?? ""}`), ` ${rule.rule ?? ""}`);
}

const start = (workbench) => startPage(OverruledPage, workbench);
