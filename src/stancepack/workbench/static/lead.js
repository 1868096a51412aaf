// The page of who leads a team: tables of what the workbench says, nothing to write.

const BARS = [0.667, 0.8]; // below which conclusions are tentative, above which they are firm
const WIDTH = 160; // of a figure that is drawn, in its own units
const HEIGHT = 14;
const VERDICTS = {
  reliable: "reliable",
  acceptable: "for tentative conclusions",
  tentative: "too low",
  "too-few": "too few for a verdict",
  undefined: "not defined",
};
const REMARKS = { flag: "flagged", unsure: "not sure", comment: "comment", review: "on review" };

async function look() {
  try {
    show(await state());
    byId("say").textContent = `As of ${new Date().toLocaleTimeString()}`;
  } catch (fault) {
    byId("say").textContent = `Not read: ${fault.message}`;
  }
}

function show({ title, task, coders, things, compared }) {
  byId("title").textContent = `${title}: ${task || "no round yet"}`;
  document.title = `${task || "No round yet"} – leading`;
  byId("coders").replaceChildren(codersTable(coders));
  byId("closed-round").hidden = !compared;
  byId("open-round").hidden = Boolean(compared);
  byId("open-round").textContent = whyNothingYet(coders);
  const empty = { agreement: [], confusions: [], by_order: [], by_time: [], remarks: [] };
  const shown = compared ?? empty;
  byId("agreement").replaceChildren(compared ? agreementTable(shown.agreement, things) : "");
  byId("confusions").replaceChildren(confusionsTable(shown.confusions, things));
  byId("by-order").replaceChildren(driftTable(shown.by_order, "Statements"));
  byId("by-time").replaceChildren(driftTable(shown.by_time, "Coded on"));
  byId("remarks").replaceChildren(remarksTable(shown.remarks, things));
}

function whyNothingYet(coders) {
  const open = coders.filter((coder) => !coder.closed).map((coder) => coder.coder);
  if (open.length) {
    return `Shown once everybody has closed the round. Still open: ${open.join(", ")}.`;
  }
  return "Shown once two coders have closed the round.";
}

function codersTable(coders) {
  const rows = coders.map((coder) => [
    coder.coder,
    trainingOf(coder.training),
    coder.n_units === null ? "not begun" : `${coder.n_done} of ${coder.n_units}`,
    bar(coder),
    words(flagsOf(coder.flagged)),
    coder.closed ? `closed on ${coder.closed}` : "open",
  ]);
  return table(["Coder", "Training", "Statements coded", "", "Flagged", "Round"], rows);
}

function flagsOf(flagged) {
  return flagged.length ? `${flagged.length}: ${flagged.join(", ")}` : "none";
}

function trainingOf(training) {
  if (!training) return "none";
  const { n_failed } = training;
  const tries = n_failed ? `, ${n_failed === 1 ? "1 try" : `${n_failed} tries`} not passed` : "";
  return (training.is_passed ? "passed" : "not passed yet") + tries;
}

function bar({ coder, n_done, n_units }) {
  if (!n_units) return "";
  return element("progress", { max: n_units, value: n_done, "aria-label": `Progress of ${coder}` });
}

function agreementTable(rows, things) {
  const shown = rows.map((row) => [
    things[row.variable] + (row.aspect === "addressed" ? ": addressed at all" : ""),
    figure(row.alpha),
    interval(row),
    drawn(row.alpha, row, BARS),
    share(row.percent),
    row.n_units,
    row.level,
    VERDICTS[row.verdict] ?? row.verdict,
  ]);
  const heads = ["Coded", "Alpha", "95 % interval", "", "Percent", "Statements"];
  return table([...heads, "Level", "Verdict"], shown);
}

function confusionsTable(rows, things) {
  if (!rows.length) return element("p", {}, "None: all codes are the same.");
  const shown = rows.map((row) => [things[row.variable], codesBeside(row.codes), row.often]);
  return table(["Coded", "Codes beside each other", "How often"], shown);
}

function codesBeside(codes) {
  return codes.map((code) => (code === "NA" ? "not addressed" : code)).join(" / ");
}

function driftTable(rows, when) {
  if (!rows.length) return element("p", {}, "Nothing: who codes on a sheet leaves no dates.");
  const shown = rows.map((row) => [
    row.coder,
    row.when,
    share(row.share),
    row.low === null ? "too few" : `${share(row.low)} to ${share(row.high)}`,
    drawn(row.share, row, []),
    row.n_cells,
  ]);
  return table(["Coder", when, "Agreement", "95 % interval", "", "Codes"], shown);
}

function remarksTable(rows, things) {
  if (!rows.length) return element("p", {}, "Nobody flagged, doubted or commented on anything.");
  const shown = rows.map((row) => [
    row.statement_id,
    row.variable ? (things[row.variable] ?? row.variable) : "",
    REMARKS[row.kind] ?? row.kind,
    words(row.value === "yes" ? "" : row.value),
    words(row.proposition),
  ]);
  return table(["Statement", "Coded", "", "What was said", "It reads"], shown);
}

// A table whose first cell of a row is its head.
function table(heads, rows) {
  const head = element("tr", {}, ...heads.map((name) => headOf("col", name)));
  const body = rows.map(([first, ...rest]) =>
    element("tr", {}, headOf("row", first), ...rest.map(cellOf)),
  );
  return element("table", {}, element("thead", {}, head), element("tbody", {}, ...body));
}

function cellOf(content) {
  const isWords = content?.words !== undefined;
  return isWords ? element("td", { class: "words" }, content.words) : element("td", {}, content);
}

// What somebody wrote, which takes several lines.
function words(text) {
  return { words: text };
}

function headOf(scope, name) {
  return name === "" ? element("td", {}) : element("th", { scope }, name);
}

function figure(value) {
  return value === null ? "–" : value.toFixed(3);
}

function share(value) {
  return value === null ? "–" : `${(value * 100).toFixed(1)} %`;
}

function interval({ low, high }) {
  return low === null || low === undefined ? "–" : `${figure(low)} to ${figure(high)}`;
}

// A dot with its interval between 0 and 1; the figures beside it say the same in words.
function drawn(value, { low, high }, bars) {
  if (value === null) return "";
  const picture = shape("svg", { viewBox: `0 0 ${WIDTH} ${HEIGHT}`, "aria-hidden": "true" });
  picture.setAttribute("class", "figure");
  const line = (from, to, kind) => {
    const [x1, x2] = [from, to].map((at) => Math.min(Math.max(at, 0), 1) * WIDTH);
    const [y1, y2] = kind === "bar" ? [0, HEIGHT] : [HEIGHT / 2, HEIGHT / 2];
    picture.append(shape("line", { x1, x2, y1, y2, class: kind }));
  };
  line(0, 1, "axis");
  for (const at of bars) line(at, at, "bar");
  if (low !== null && low !== undefined) line(low, high, "interval");
  const cx = Math.min(Math.max(value, 0), 1) * WIDTH;
  picture.append(shape("circle", { cx, cy: HEIGHT / 2, r: 4 }));
  return picture;
}

function shape(name, attributes) {
  const made = document.createElementNS("http://www.w3.org/2000/svg", name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  return made;
}

byId("look-again").addEventListener("click", look);
look();
