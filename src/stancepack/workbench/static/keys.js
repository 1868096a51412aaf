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

  // The key of an action as it is printed on a button.
  cap(name) {
    const key = this.key(name);
    return key ? element("kbd", { "aria-hidden": "true" }, shownKey(key)) : "";
  }

  // Show all keys, to change or print them.
  open() {
    const said = element("p", { role: "status" });
    const rows = Object.keys(this.actions).map((name) => this.row(name, said));
    const reset = () => {
      this.reset();
      this.open();
    };
    byId("keys").querySelector(".content").replaceChildren(
      element("p", {}, "To change a key, put the cursor into its box and press the new one."),
      said,
      element("table", { class: "keys" }, ...rows),
      element("button", { type: "button", onclick: reset }, "Keys as they came"),
      element("button", { type: "button", onclick: () => window.print() }, "Print"),
    );
    if (!byId("keys").open) byId("keys").showModal();
  }

  row(name, said) {
    const { label } = this.actions[name];
    const box = element("input", {
      type: "text",
      "aria-label": `Key for ${label}`,
      size: "9",
      value: shownKey(this.key(name)),
      readonly: true,
      onkeydown: (event) => {
        if (["Tab", "Shift", "Escape", "Control", "Alt", "Meta"].includes(event.key)) return;
        event.preventDefault();
        event.stopPropagation();
        const taken = this.bind(name, event.key);
        said.textContent = taken ? `${shownKey(event.key)} is the key for “${taken}”.` : "";
        if (!taken) event.target.value = shownKey(event.key);
      },
    });
    return element("tr", {}, element("td", {}, box), element("td", {}, label));
  }
}

export function shownKey(key) {
  const names = { " ": "Space", ArrowUp: "↑", ArrowDown: "↓", ArrowLeft: "←", ArrowRight: "→" };
  return names[key] ?? key;
}

export function isTyping(target) {
  return Boolean(target.closest?.("input, textarea, select, [contenteditable]"));
}

// Escape and Enter leave a box; the keys are the page's again.
export function leaveWith(leave) {
  return (event) => {
    if (event.key !== "Escape" && (event.key !== "Enter" || event.shiftKey)) return;
    event.preventDefault();
    event.target.dispatchEvent(new Event("change"));
    event.target.blur();
    leave();
  };
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
