// What somebody writes, on its way to the disk. Nothing is dropped: an entry stays in the browser
// until the workbench says that it is written, and is sent again after any fault, crash or restart.

const RETRY = [500, 1000, 2000, 4000, 8000]; // milliseconds between tries

export class Saving {
  // `channel` sends entries and returns what the workbench says; `shown` is called with each change
  // of the state: saved, saving, waiting (nobody answers), unkept (nor does the browser keep what
  // waits), refused.
  constructor(name, channel, { shown, conflicted, answered }) {
    this.channel = channel;
    this.shown = shown;
    this.conflicted = conflicted;
    this.answered = answered;
    this.known = new Map(); // newest revision and value of each field, as far as this page knows
    this.queue = [];
    this.waiters = [];
    this.prefix = `stancepack/${name}/`;
    this.place = this.prefix + newId();
    this.tries = 0;
  }

  // Take what the workbench has, and what a page that was killed left in this browser.
  begin(entries) {
    for (const entry of entries) this.known.set(keyOf(entry), entry);
    const left = keptNames(this.prefix);
    for (const place of left) {
      for (const entry of kept(place) ?? []) {
        const newest = this.known.get(keyOf(entry));
        if (newest && newest.entry === entry.entry) continue;
        this.queue.push(entry);
        if (!newest || newest.revision < entry.revision) this.known.set(keyOf(entry), entry);
      }
    }
    this.keep();
    for (const place of left) forget(place);
    this.send();
  }

  // Take what the workbench has now: another window may have written.
  refresh(entries) {
    if (this.queue.length) return;
    for (const entry of entries) this.known.set(keyOf(entry), entry);
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
    return this.queue.length === 0;
  }

  keep() {
    this.isKept = this.queue.length ? keepInBrowser(this.place, this.queue) : forget(this.place);
  }

  async send() {
    if (this.isSending || !this.queue.length) return this.say();
    this.isSending = true;
    this.say();
    const sent = this.queue.slice();
    let answer = null;
    try {
      answer = await this.channel(sent);
      this.tries = 0;
    } catch (fault) {
      this.isSending = false;
      if (fault.isRefusal) {
        this.shown("refused", fault.message);
        return;
      }
      this.shown(this.isKept ? "waiting" : "unkept", fault.message);
      setTimeout(() => this.send(), RETRY[Math.min(this.tries++, RETRY.length - 1)]);
      return;
    }
    this.isSending = false;
    const written = new Set(answer.written);
    this.queue = this.queue.filter((entry) => !written.has(entry.entry));
    this.keep();
    for (const theirs of answer.conflicts) this.settle(theirs, sent);
    if (this.answered) this.answered(answer);
    if (this.queue.length) return this.send();
    this.say();
    for (const resolve of this.waiters.splice(0)) resolve();
  }

  // Another window or machine wrote this field first: theirs stands, until somebody chooses.
  settle(theirs, sent) {
    const own = sent.filter((entry) => keyOf(entry) === keyOf(theirs)).at(-1);
    this.queue = this.queue.filter((entry) => keyOf(entry) !== keyOf(theirs));
    this.keep();
    this.known.set(keyOf(theirs), theirs);
    if (own && own.value !== theirs.value) this.conflicted(theirs, own);
  }

  say() {
    this.shown(this.queue.length ? "saving" : "saved", "");
  }
}

// Send to the workbench. What it refuses will be refused again; anything else is tried again.
export async function post(address, content) {
  const answer = await fetch(address, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(content),
  });
  const said = await answer.json().catch(() => ({}));
  if (answer.ok) return said;
  const fault = new Error(said.problem ?? `the workbench answers ${answer.status}`);
  fault.isRefusal = answer.status >= 400 && answer.status < 500;
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
