// A statement as it is read: who, when and where, its words and what stands around them.

export function showWords(unit) {
  const date = unit.date && element("span", { title: unit.date }, dateInWords(unit.date));
  const facts = [["Speaker", unit.speaker], ["Date", date], ["Where", unit.venue]];
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
      isQuote
        ? element("q", { class: "own" }, ...parted(unit.quote))
        : element("mark", {}, unit.passage),
      unit.after ? element("span", { class: "around" }, ` ${unit.after}`) : "",
    ),
    unit.quote && !isQuote
      ? element("p", {}, element("b", {}, "Own words: "), element("q", {}, ...parted(unit.quote)))
      : "",
    unit.proposition && unit.proposition !== unit.passage
      ? element("p", {}, element("b", {}, "Proposition: "), unit.proposition)
      : "",
  ];
}

// The first words of a statement, for a list.
export function firstWords(unit) {
  const words = unit.quote || unit.proposition || unit.passage || "";
  const text = words.replaceAll(/\s*\|\s*/g, " […] ");
  return text.length > SHORT ? `${text.slice(0, text.lastIndexOf(" ", SHORT))} …` : text;
}

// A quotation whose pieces stand apart in the source.
function parted(quote) {
  const [first, ...rest] = quote.split(/\s*\|\s*/);
  const gap = () => element("span", { title: "passages apart in the source" }, " […] ");
  return [first, ...rest.flatMap((piece) => [gap(), piece])];
}

// A date in EDTF as people write it; as it is where it has another form.
export function dateInWords(edtf) {
  const among = /^\[([^,]+)\.\.([^,]+)\]$/.exec(edtf ?? "");
  const [first, last] = among ? among.slice(1) : (edtf ?? "").split("/");
  if (!first || !last) return first ? dayInWords(first) : (edtf ?? "");
  if (!among && [first, last].every((date) => /^\d{4}$/.test(date))) return `${first}–${last}`;
  const [begin, end] = [first, last].map((date) => dayInWords(date.replace("?", "")));
  const doubt = edtf.includes("?") ? "perhaps " : "";
  return `${doubt}between ${withoutRepeated(first, last, begin)} and ${end}`;
}

// Month and year of a first day, where those of the last one are the same, need no second word.
function withoutRepeated(first, last, words) {
  const isDay = (date) => /^\d{4}-\d\d-\d\d$/.test(date);
  if (!isDay(first) || !isDay(last)) return words;
  const [day, month] = words.split(" ");
  if (first.slice(0, 7) === last.slice(0, 7)) return day;
  return first.slice(0, 4) === last.slice(0, 4) ? `${day} ${month}` : words;
}

function dayInWords(date) {
  const [, year, month, day, doubt] = /^(\d{4})(?:-(\d\d))?(?:-(\d\d))?([~?%]?)$/.exec(date) ?? [];
  if (!year) return date;
  const words = [day && Number(day), month && MONTHS[month - 1], year].filter(Boolean).join(" ");
  return `${DOUBTS[doubt] ?? ""}${words}`;
}

const SHORT = 80; // characters of a statement in a list
const DOUBTS = { "~": "about ", "?": "perhaps ", "%": "perhaps about " };
const MONTHS = ["January", "February", "March", "April", "May", "June", "July"].concat(
  ["August", "September", "October", "November", "December"],
);
