// Boxes of text, written while they are typed into: a browser that is killed loses no sentence.

const PAUSE = 300; // milliseconds without a key until what was typed so far is written

// Make a box. `write` is called with its text and with a mark of this visit to the box, so that
// all that is typed in one visit is one step of undo; `leave`, with the key, once Enter or Escape
// leaves it.
export function textBox(attributes, value, write, leave) {
  const box = element("textarea", { autocomplete: "off", ...attributes });
  box.value = value;
  let visit = {};
  let timer = 0;
  const send = () => {
    clearTimeout(timer);
    write(box.value, visit);
  };
  box.addEventListener("focus", () => {
    visit = {};
  });
  box.addEventListener("input", () => {
    clearTimeout(timer);
    timer = setTimeout(send, PAUSE);
  });
  box.addEventListener("change", send);
  box.addEventListener("keydown", (event) => {
    if (event.isComposing || (event.key !== "Escape" && event.key !== "Enter")) return;
    if (event.key === "Enter" && event.shiftKey) return;
    event.preventDefault();
    event.stopPropagation();
    send();
    box.blur();
    leave(event.key);
  });
  return box;
}
