// Keys: what each one does, which somebody may change; and whether they reach this window at all.

export class Keys {
  // `actions` maps the name of an action to { label, key, run }.
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
    if (event.altKey || event.ctrlKey || event.metaKey || event.isComposing) return;
    if (isTyping(event.target) || document.querySelector("dialog[open]")) return;
    // Enter and space press a button that has the focus, as everywhere
    if (["Enter", " "].includes(event.key) && event.target.closest?.("button, a, summary")) return;
    const name = Object.keys(this.actions).find((action) => this.key(action) === event.key);
    if (!name) return;
    event.preventDefault();
    if (!event.repeat || this.actions[name].repeats) this.actions[name].run();
  }

  // Give an action another key, which no other action has.
  bind(name, key) {
    const taken = Object.keys(this.actions).find(
      (action) => action !== name && this.key(action) === key,
    );
    if (taken) return this.actions[taken].label;
    this.bound = { ...this.bound, [name]: key };
    this.changed(this.bound);
    return "";
  }

  reset() {
    this.bound = {};
    this.changed(this.bound);
  }
}

export function shownKey(key) {
  const names = { " ": "Space", ArrowUp: "↑", ArrowDown: "↓", ArrowLeft: "←", ArrowRight: "→" };
  return names[key] ?? key;
}

export function isTyping(target) {
  return Boolean(target.closest?.("input, textarea, select, [contenteditable]"));
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
