// The list of all units, with what is marked on each; one of them is opened from it.

// `marksOf` gives the marks of a unit, `open` opens the one of a number. Only units with a mark are
// listed where one is named.
export function showOverview({ units, current, marksOf, open }, mark = "") {
  const marks = units.map((unit, number) => marksOf(unit, number).filter(Boolean));
  const choice = element(
    "select",
    { autocomplete: "off" },
    element("option", { value: "" }, "all"),
    ...[...new Set(marks.flat())].map((value) => element("option", { value }, value)),
  );
  choice.value = mark;
  const count = element("p", { role: "status" });
  const table = element("table");
  choice.addEventListener("change", list);
  list();
  const dialog = byId("overview");
  dialog
    .querySelector(".content")
    .replaceChildren(element("label", {}, "Show ", choice), count, table);
  if (!dialog.open) dialog.showModal();
  table.querySelector(".current button")?.focus();

  function list() {
    const wanted = [...units.keys()].filter(
      (number) => !choice.value || marks[number].includes(choice.value),
    );
    const names = ["Statement", "Id", "Speaker", "Date", "Words", "State"];
    const head = names.map((name) => element("th", { scope: "col" }, name));
    count.textContent = counted(wanted.length, "statement");
    table.replaceChildren(element("tr", {}, ...head), ...wanted.map(row));
  }

  function row(number) {
    const chosen = () => {
      dialog.close();
      open(number);
    };
    const unit = units[number];
    const told = [unit.speaker, dateInWords(unit.date), firstWords(unit)];
    const button = element("button", { type: "button", onclick: chosen }, String(number + 1));
    button.setAttribute("aria-label", `Open statement ${number + 1}`);
    return element(
      "tr",
      number === current ? { class: "current", "aria-current": "true" } : {},
      element("td", {}, button),
      element("td", {}, units[number].id),
      ...told.map((text) => element("td", {}, text)),
      element("td", {}, marks[number].join(", ")),
    );
  }
}
