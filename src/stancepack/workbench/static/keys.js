// Keys: what each one does, which somebody may change; and whether they reach this window at all.

// keys that move in a page or do nothing alone; no action has them
const NO_KEYS = new Set(
  ["Tab", "Shift", "Escape", "Control", "Alt", "AltGraph", "Meta", "CapsLock"].concat(
    ["Dead", "Process", "Unidentified"],
  ),
);

export class Keys {
  // `actions` maps the name of an action to { label, key, run }; `bound` has the keys that somebody
  // gave to actions, and `off` where single characters do nothing; `changed` is called with it.
  constructor(actions, bound, changed) {
    this.actions = actions;
    this.bound = bound;
    this.changed = changed;
    document.addEventListener("keydown", (event) => this.pressed(event));
  }

  key(name) {
    return this.bound[name] ?? this.actions[name]?.key ?? "";
  }

  pressed(event) {
    const isOther = event.altKey || event.ctrlKey || event.metaKey || event.isComposing;
    if (this.isStopped || isOther) return;
    if (isTyping(event.target) || document.querySelector("dialog[open]")) return;
    // Enter and space press a button that has the focus, as everywhere
    if (["Enter", " "].includes(event.key) && event.target.closest?.("button, a, summary")) return;
    const key = keyOfEvent(event);
    if (this.bound.off && isCharacter(key)) return;
    const name = Object.keys(this.actions).find((action) => this.key(action) === key);
    if (!name) return;
    event.preventDefault();
    if (this.isPaused) return;
    if (!event.repeat || this.actions[name].repeats) this.actions[name].run();
  }

  // Let the keys do nothing from now on.
  stop() {
    this.isStopped = true;
  }

  // Give an action another key, which no other action has; return whose it is.
  bind(name, key) {
    const taken = Object.keys(this.actions).find(
      (action) => action !== name && this.key(action) === key,
    );
    if (taken) return this.actions[taken].label;
    this.change({ ...this.bound, [name]: key });
    return "";
  }

  change(bound) {
    this.bound = bound;
    this.changed(bound);
  }

  // The key of an action as it is printed on a button.
  cap(name) {
    const key = this.key(name);
    if (!key || (this.bound.off && isCharacter(key))) return "";
    return element("kbd", { "aria-hidden": "true" }, shownKey(key));
  }

  // Show all keys, to change or print them.
  open() {
    const rows = Object.keys(this.actions).map((name) => this.row(name));
    this.sheetBox = element("div", {}, this.sheet?.());
    const reset = () => {
      this.change({});
      this.open();
    };
    const off = element("input", { type: "checkbox", autocomplete: "off" });
    off.checked = Boolean(this.bound.off);
    off.addEventListener("change", () => this.change({ ...this.bound, off: off.checked }));
    byId("keys").querySelector(".content").replaceChildren(
      this.introduction?.() ?? "",
      element("p", {}, "To change a key, put the cursor into its box and press the new one."),
      element("table", { class: "keys" }, ...rows),
      element(
        "label",
        { class: "switch" },
        off,
        " Letters and signs do nothing (for speech input, screen readers); arrows and Enter stay.",
      ),
      this.sheetBox,
      element("button", { type: "button", onclick: reset }, "Keys as they came"),
      element("button", { type: "button", onclick: () => window.print() }, "Print"),
    );
    if (!byId("keys").open) byId("keys").showModal();
  }

  row(name) {
    const { label } = this.actions[name];
    const said = element("span", { role: "status", class: "taken" });
    const box = element("input", {
      type: "text",
      "aria-label": `Key for ${label}`,
      size: "9",
      value: shownKey(this.key(name)),
      readonly: true,
      autocomplete: "off",
      onkeydown: (event) => {
        const key = keyOfEvent(event);
        if (NO_KEYS.has(key) || event.ctrlKey || event.altKey || event.metaKey) return;
        event.preventDefault();
        event.stopPropagation();
        const taken = this.bind(name, key);
        said.textContent = taken ? ` ${shownKey(key)} is the key for “${taken}”.` : "";
        if (!taken) event.target.value = shownKey(key);
        if (this.sheet) this.sheetBox.replaceChildren(this.sheet());
      },
    });
    return element("tr", {}, element("td", {}, box), element("td", {}, label, said));
  }
}

// The key of an event: a letter whatever shift and caps lock say; where the keyboard writes other
// letters than Latin ones, the letter that stands on the key besides.
function keyOfEvent(event) {
  if (!isCharacter(event.key)) return event.key;
  const onKey = /^Key([A-Z])$/.exec(event.code);
  const isLatin = event.key.charCodeAt(0) < 128;
  return (onKey && !isLatin ? onKey[1] : event.key).toLowerCase();
}

function isCharacter(key) {
  return [...key].length === 1;
}

export function shownKey(key) {
  const names = { " ": "Space", ArrowUp: "↑", ArrowDown: "↓", ArrowLeft: "←", ArrowRight: "→" };
  return names[key] ?? (isCharacter(key) ? key.toUpperCase() : key);
}

export function isTyping(target) {
  return Boolean(target.closest?.("input, textarea, select, [contenteditable]"));
}

// Ctrl+Z, Ctrl+Y and Ctrl+Shift+Z, outside of boxes that have an undo of their own.
export function undoWithControl(undo, redo) {
  document.addEventListener("keydown", (event) => {
    if (!(event.ctrlKey || event.metaKey) || isTyping(event.target)) return;
    const key = event.key.toLowerCase();
    if (key !== "z" && key !== "y") return;
    event.preventDefault();
    if (key === "y" || event.shiftKey) redo();
    else undo();
  });
}

// Show a word when keys go to another window, and take it away when they come back.
export function watchKeyboard(notice) {
  const show = () => {
    notice.hidden = document.hasFocus();
  };
  window.addEventListener("blur", show);
  window.addEventListener("focus", show);
  notice.addEventListener("click", () => window.focus());
}
