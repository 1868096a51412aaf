// What somebody writes, on its way to the disk. Nothing is dropped: an entry stays in the browser
// until the workbench says that it is written, and is sent again after any fault, crash or restart.

const RETRY = [500, 1000, 2000, 4000, 8000]; // milliseconds between tries
const MOST_SENT = 1000; // entries in one request; the workbench takes twice as many
const PATIENCE = 20000; // milliseconds for an answer; an entry that is sent twice is written once

export class Saving {
  // `channel` sends entries and returns what the workbench says. `shown` is called with each change
  // of the state: saved, saving, waiting (nobody answers, or not as it should), unkept (nor does
  // the browser keep what waits); `conflicted` with what another window wrote and what was written
  // here, to call `choose`; `rejected` with an entry that is not taken and why. `stored` keeps
  // entries while nobody answers, even if the browser is killed the moment after.
  constructor(name, channel, { shown, conflicted, answered, rejected, stored }) {
    this.channel = channel;
    this.shown = shown;
    this.conflicted = conflicted;
    this.answered = answered;
    this.rejected = rejected;
    this.stored = stored;
    this.known = new Map(); // newest revision and value of each field, as far as this page knows
    this.queue = [];
    this.disputed = []; // what was written here where another window was first
    this.waiters = [];
    this.prefix = `stancepack/${name}/`;
    this.place = this.prefix + newId();
    this.tries = 0;
  }

  // Take what the workbench has, and what a page that was killed left in this browser.
  begin(entries, unsent = []) {
    for (const entry of entries) this.known.set(keyOf(entry), entry);
    const left = keptNames(this.prefix);
    const waiting = [...left.flatMap((place) => kept(place) ?? []), ...unsent];
    for (const entry of waiting.sort((one, other) => one.revision - other.revision)) {
      const newest = this.known.get(keyOf(entry));
      const isThere = this.queue.some((queued) => queued.entry === entry.entry);
      if (isThere || newest?.entry === entry.entry) continue;
      this.queue.push(entry);
      if (!newest || newest.revision < entry.revision) this.known.set(keyOf(entry), entry);
    }
    this.keep();
    for (const place of left) forget(place);
    this.send();
  }

  // Take what the workbench has now: another window may have written.
  refresh(entries) {
    for (const entry of entries)
      if ((this.known.get(keyOf(entry))?.revision ?? 0) < entry.revision)
        this.known.set(keyOf(entry), entry);
  }

  // The newest entry of each field.
  newest() {
    return this.known.values();
  }

  value(unit, field) {
    return this.known.get(keyOf({ unit, field }))?.value ?? "";
  }

  write(unit, field, value) {
    const revision = (this.known.get(keyOf({ unit, field }))?.revision ?? 0) + 1;
    const entry = { unit, field, revision, value, entry: newId() };
    this.known.set(keyOf(entry), entry);
    this.queue.push(entry);
    this.keep();
    this.send();
    return entry;
  }

  // Wait until all that was written is on the disk.
  saved() {
    if (!this.queue.length) return Promise.resolve();
    return new Promise((resolve) => this.waiters.push(resolve));
  }

  get isSaved() {
    return this.queue.length === 0 && this.disputed.length === 0;
  }

  keep() {
    const unsaved = [...this.queue, ...this.disputed];
    this.isKept = unsaved.length ? keepInBrowser(this.place, unsaved) : forget(this.place);
    if (this.tries) this.stored?.keep(unsaved);
  }

  async send() {
    if (this.isSending) return;
    this.say();
    if (!this.queue.length) return;
    this.isSending = true;
    const sent = this.queue.slice(0, MOST_SENT);
    let answer = null;
    try {
      answer = await this.channel(sent);
    } catch (fault) {
      this.isSending = false;
      return this.failed(fault);
    }
    this.isSending = false;
    this.tries = 0;
    this.written(sent, answer);
    if (this.queue.length) return this.send();
    this.say();
    for (const resolve of this.waiters.splice(0)) resolve();
  }

  written(sent, answer) {
    const written = new Set(answer.written);
    const conflicts = new Map(answer.conflicts.map((theirs) => [keyOf(theirs), theirs]));
    const own = [...sent, ...this.queue];
    this.queue = this.queue.filter(
      (entry) => !written.has(entry.entry) && !conflicts.has(keyOf(entry)),
    );
    for (const [key, theirs] of conflicts)
      this.dispute(theirs, own.findLast((entry) => keyOf(entry) === key));
    this.keep();
    this.stored?.drop(answer.written);
    if (this.answered) this.answered(answer);
  }

  // Another window or machine wrote this field first: theirs stands, until somebody chooses.
  dispute(theirs, own) {
    this.known.set(keyOf(theirs), theirs);
    if (!own || own.value === theirs.value) return;
    this.disputed.push(own);
    this.conflicted(theirs, own);
  }

  choose(own, value) {
    this.disputed = this.disputed.filter((entry) => entry !== own);
    this.stored?.drop([own.entry]);
    if (value !== this.value(own.unit, own.field)) this.write(own.unit, own.field, value);
    else this.keep();
  }

  failed(fault) {
    const refused = this.queue.find((entry) => entry.entry === fault.entry);
    if (!refused) {
      const pause = RETRY[Math.min(this.tries++, RETRY.length - 1)];
      this.keep();
      this.shown(this.isKept ? "waiting" : "unkept", fault.message);
      clearTimeout(this.retry);
      this.retry = setTimeout(() => this.send(), pause);
      return;
    }
    // it would be refused again; what was written after it is sent without it
    this.queue = this.queue.filter((entry) => entry !== refused);
    this.known.delete(keyOf(refused));
    this.keep();
    this.stored?.drop([refused.entry]);
    this.rejected(refused, fault.message);
    if (this.queue.length) return this.send();
    this.say();
    for (const resolve of this.waiters.splice(0)) resolve();
  }

  say() {
    if (!this.queue.length) this.shown("saved", "");
    else if (!this.tries) this.shown("saving", "");
  }
}

// Send to the workbench. An entry that it refuses, it names; anything else is tried again.
export async function post(address, content, patience = PATIENCE) {
  const answer = await fetch(address, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(content),
    signal: AbortSignal.timeout(patience),
  }).catch(() => {
    throw new Error("the workbench does not answer");
  });
  const said = await answer.json().catch(() => ({}));
  if (answer.ok) return said;
  const fault = new Error(said.problem ?? `the workbench answers ${answer.status}`);
  fault.entry = said.entry;
  throw fault;
}

export async function state() {
  const answer = await fetch("state");
  if (!answer.ok) throw new Error((await answer.json().catch(() => ({}))).problem ?? "no answer");
  return answer.json();
}

function keyOf({ unit, field }) {
  return `${unit}\n${field}`;
}

function newId() {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

// ---- what this browser keeps, where it keeps anything: it may be forbidden to, or have no room

export function keptNames(prefix) {
  try {
    return Object.keys(localStorage).filter((name) => name.startsWith(prefix));
  } catch {
    return [];
  }
}

export function kept(name) {
  try {
    return JSON.parse(localStorage.getItem(name));
  } catch {
    return null;
  }
}

// Keep it, and say whether it is kept.
export function keepInBrowser(name, value) {
  try {
    localStorage.setItem(name, JSON.stringify(value));
    return true;
  } catch {
    return false;
  }
}

function forget(name) {
  try {
    localStorage.removeItem(name);
    return true;
  } catch {
    return false;
  }
}
