// What somebody did on a page, to be undone and done again. An act writes some fields of a unit.

export class Acts {
  // `shown` is called with the unit of an act, what became of it (done, undone, redone), and the
  // changes that it makes.
  constructor(saving, shown) {
    this.saving = saving;
    this.shown = shown;
    this.done = [];
    this.undone = [];
  }

  // Write fields of a unit in one act, which one step of undo takes back. Acts of one visit to a
  // box are one act.
  act(unit, changes, visit = null) {
    const before = changes.map(([field]) => [field, this.saving.value(unit, field)]);
    this.write(unit, changes);
    const last = this.done.at(-1);
    if (visit && last?.visit === visit) last.after = changes;
    else this.done.push({ unit, before, after: changes, visit });
    this.undone = [];
    this.shown(unit, "done", changes);
  }

  // What was done until now stands.
  forget() {
    this.done = [];
    this.undone = [];
  }

  undo() {
    this.replay(this.done, this.undone, "before", "Nothing to undo on this page.");
  }

  redo() {
    this.replay(this.undone, this.done, "after", "Nothing to do again.");
  }

  replay(from, to, side, nothing) {
    const act = from.pop();
    if (!act) return say(nothing);
    this.write(act.unit, act[side]);
    to.push(act);
    say(side === "before" ? "Undone." : "Done again.");
    this.shown(act.unit, side === "before" ? "undone" : "redone", act[side]);
  }

  write(unit, changes) {
    for (const [field, value] of changes) this.saving.write(unit, field, value);
  }
}
