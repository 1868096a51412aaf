// What a coder adds to the code of the current thing: a doubt, how sure the code is, a note.

export class Detail {
  constructor(page) {
    this.page = page;
    this.shownFor = "";
  }

  // The box is made anew for another thing alone: whoever types goes on typing.
  show() {
    const { page } = this;
    const box = byId("detail");
    const shownFor = page.thing ? `${page.unit.id}/${page.thing.name}` : "";
    if (shownFor !== this.shownFor || page.keys.bound !== this.bound) {
      box.replaceChildren(...(page.thing ? this.content(page.thing) : []));
      Object.assign(this, { shownFor, bound: page.keys.bound });
    }
    if (page.thing) this.refresh(page.thing);
  }

  content(thing) {
    const { page } = this;
    const unit = page.unit.id;
    this.doubt = element(
      "button",
      { type: "button", onclick: () => page.markThing(page.current.thing) },
      "Not sure",
      page.keys.cap("unsure"),
    );
    this.levels = page.levels.map((level) => {
      const choose = () => {
        page.act([[`confidence/${thing.name}`, level.code]]);
        page.tellSureness(thing, level);
      };
      const label = `${level.code}: ${level.definition}`;
      return element(
        "button",
        { type: "button", title: level.definition, "aria-label": label, onclick: choose },
        level.code,
      );
    });
    const write = (text, visit) => page.writeText(unit, `note/${thing.name}`, text, visit);
    const attributes = { id: "note", rows: "2" };
    const leave = (key) => page.leaveNote(key);
    this.note = textBox(attributes, page.value(`note/${thing.name}`), write, leave);
    this.label = element("span", { id: "note-label" });
    return [
      this.doubt,
      this.levels.length
        ? element(
            "span",
            { class: "levels", role: "group", "aria-label": "Sure of this code?" },
            "Sure of this code? ",
            page.keys.cap("less sure"),
            ...this.levels,
            page.keys.cap("surer"),
          )
        : "",
      element("label", { class: "field" }, this.label, page.keys.cap("note"), this.note),
    ];
  }

  refresh(thing) {
    const { page } = this;
    const asksForNote = thing.asks_for_note.includes(page.value(`code/${thing.name}`));
    this.label.textContent = asksForNote ? "Note: on what does it depend?" : "Note on this code";
    this.doubt.setAttribute("aria-pressed", String(Boolean(page.value(`unsure/${thing.name}`))));
    const sure = page.value(`confidence/${thing.name}`);
    for (const [number, button] of this.levels.entries())
      button.setAttribute("aria-pressed", String(page.levels[number].code === sure));
    if (document.activeElement !== this.note) this.note.value = page.value(`note/${thing.name}`);
  }
}
