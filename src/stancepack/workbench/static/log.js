// All entries of a coder, each field's in order, and those of another place brought to them.
// merging.py does the same in Python, and says why; a test holds the two together.
class Log {
  constructor(rows) {
    this.rows = [];
    this.fields = new Map(); // the newest row of each field
    this.ids = new Set();
    for (const row of rows) this.add(row);
  }

  add(row) {
    this.rows.push(row);
    this.fields.set(keyOf(row), row);
    this.ids.add(row.entry);
    return row;
  }

  newest(unit, field) {
    return this.fields.get(keyOf({ unit, field }));
  }

  // An entry that was kept beside has the id of the one that it is, after a tilde.
  knows(id) {
    return this.ids.has(id) || this.ids.has(`~${id}`);
  }

  // The next entry of a field, and which one it came after.
  next(unit, field, value, id) {
    const before = this.newest(unit, field);
    const revision = (before?.revision ?? 0) + 1;
    return this.add({ unit, field, revision, value, entry: id, after: before?.entry ?? "" });
  }

  // Take rows of another place; return those that are new because both places had gone on.
  merge(rows) {
    const missing = new Map();
    for (const row of rows) {
      if (this.knows(row.entry)) continue;
      missing.set(keyOf(row), [...(missing.get(keyOf(row)) ?? []), row]);
    }
    // what was kept beside comes last: it is compared with what then stands
    const isBeside = ([own]) => Number(own.field.startsWith(ELSEWHERE));
    const fields = [...missing.values()].sort((one, other) => isBeside(one) - isBeside(other));
    return fields.flatMap((own) => this.take(own));
  }

  take(rows) {
    const { unit, field, after } = rows[0];
    const newest = this.newest(unit, field);
    if (!newest || after === newest.entry) {
      for (const row of rows) this.add(row);
      return [];
    }
    return isAsked(rows[0]) ? this.keepBeside(unit, field, rows) : [];
  }

  keepBeside(unit, field, rows) {
    const asked = field.startsWith(ELSEWHERE) ? field.slice(ELSEWHERE.length) : field;
    const beside = `${ELSEWHERE}${asked}`;
    const own = this.newest(unit, asked)?.value ?? "";
    const before = valuesElsewhere(this.newest(unit, beside)?.value);
    return rows.map((row) => {
      const others = field === asked ? [row.value] : valuesElsewhere(row.value);
      const kept = [...new Set([...before, ...others])].filter((value) => value !== own);
      const text = kept.length ? JSON.stringify(kept) : "";
      return this.next(unit, beside, text, `~${row.entry}`);
    });
  }
}

// Not asked about are how somebody worked, and settings, which have no unit: the file's stand.
function isAsked({ unit, field }) {
  return unit !== "" && field !== "seconds" && field !== "skip";
}
