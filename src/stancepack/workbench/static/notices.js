// What a page says of itself: whether all is saved, and what another window wrote meanwhile.

const SAVING = {
  saved: "All saved",
  saving: "Saving …",
  waiting:
    "Not saved yet: the workbench does not answer. It is kept in this browser and sent again.",
  unkept:
    "Not saved yet: the workbench does not answer, and this browser keeps nothing. Leave the page open.",
};

// `words` are those of a page that does not send to a workbench.
export function showSaving(state, problem, words = {}) {
  byId("saving").textContent = words[state] ?? SAVING[state] ?? `Not saved: ${problem}`;
  byId("saving").dataset.state = state;
}

// Ask which of two values of a field stands; `choose` is called with it.
export function showConflict(theirs, own, choose) {
  const box = byId("conflict");
  const button = (value, label) =>
    element(
      "button",
      {
        type: "button",
        onclick: () => {
          box.hidden = true;
          choose(value);
        },
      },
      label,
    );
  box.replaceChildren(
    element("p", {}, `${theirs.unit}, ${theirs.field}: another window wrote first.`),
    button(theirs.value, `Keep “${theirs.value || "nothing"}” from there`),
    button(own.value, `Write “${own.value || "nothing"}” from here`),
  );
  box.hidden = false;
}

// One line on what just happened, for eyes and for screen readers.
export function say(text) {
  byId("say").textContent = text ?? "";
}
