// A statement as it is read: who, when and where, its words and what stands around them.

export function showWords(unit) {
  const facts = [["Speaker", unit.speaker], ["Date", unit.date], ["Where", unit.venue]];
  byId("facts").replaceChildren(
    ...facts
      .filter(([, text]) => text)
      .flatMap(([name, text]) => [element("dt", {}, name), element("dd", {}, text)]),
  );
  byId("words").replaceChildren(...words(unit));
}

export function words(unit) {
  const isQuote = unit.passage === unit.quote;
  return [
    element(
      "p",
      { class: "passage" },
      unit.before ? element("span", { class: "around" }, `${unit.before} `) : "",
      isQuote ? element("q", { class: "own" }, unit.passage) : element("mark", {}, unit.passage),
      unit.after ? element("span", { class: "around" }, ` ${unit.after}`) : "",
    ),
    unit.quote && !isQuote
      ? element("p", {}, element("b", {}, "Own words: "), element("q", {}, unit.quote))
      : "",
    unit.proposition && unit.proposition !== unit.passage
      ? element("p", {}, element("b", {}, "Proposition: "), unit.proposition)
      : "",
  ];
}
