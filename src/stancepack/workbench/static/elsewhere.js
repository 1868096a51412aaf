// What one coder has differently in two places, such as here and in a file that was brought back.
// Both values are kept, and the coder chooses; until then the statement is not done.

const ELSEWHERE = "elsewhere/";

export class Elsewhere {
  // `choose` is called with a unit and the changes that settle one of its fields.
  constructor(saving, choose) {
    this.saving = saving;
    this.choose = choose;
    this.look();
  }

  // Look again what is open: fields with other values elsewhere, by unit.
  look() {
    this.units = new Map();
    for (const { unit, field, value } of this.saving.newest()) {
      if (!field.startsWith(ELSEWHERE) || !value) continue;
      const asked = field.slice(ELSEWHERE.length);
      const own = this.saving.value(unit, asked);
      const values = [own, ...valuesElsewhere(value).filter((other) => other !== own)];
      if (values.length < 2) continue;
      this.units.set(unit, [...(this.units.get(unit) ?? []), { field: asked, values }]);
    }
  }

  open(unit) {
    return this.units.get(unit) ?? [];
  }

  // Ask about the fields of a unit; `named` gives the words for a field and for a value of it.
  show(unit, named) {
    const open = this.open(unit);
    byId("elsewhere").hidden = !open.length;
    byId("elsewhere").replaceChildren(
      ...open.map(({ field, values }) => {
        const words = `${named.field(field)}: coded differently in two places. Which one stands?`;
        return element(
          "div",
          { role: "group", "aria-label": words },
          element("p", {}, words),
          ...values.map((value) => this.button(unit, field, value, named)),
        );
      }),
    );
  }

  button(unit, field, value, named) {
    const choose = () => this.choose(unit, [[field, value], [`${ELSEWHERE}${field}`, ""]]);
    const where = value === this.saving.value(unit, field) ? "here" : "elsewhere";
    const label = `${named.value(field, value) || "nothing"} (${where})`;
    return element("button", { type: "button", onclick: choose }, label);
  }
}

export function valuesElsewhere(text) {
  try {
    const values = JSON.parse(text || "[]");
    return Array.isArray(values) ? values.filter((value) => typeof value === "string") : [];
  } catch {
    return [];
  }
}
