// What a page says of itself: whether all is saved, and what another window wrote meanwhile.

const SAVING = {
  saved: "All saved",
  saving: "Saving …",
  waiting: "Not saved yet",
  unkept: "Not saved yet",
};
const TROUBLE = {
  waiting: "Not saved yet, but kept in this browser and sent again",
  unkept: "Not saved yet, and this browser keeps nothing: leave the page open",
};
const WAY_OUT = {
  waiting: "Go on with this statement; if it stays, tell whoever sent the link.",
  unkept: "If it stays, tell whoever sent the link.",
};

// `words` are those of a page that does not send to a workbench.
export function showSaving(state, problem, words = {}) {
  const box = byId("saving");
  if (box.dataset.state in TROUBLE && state === "saved") say("All is saved again.");
  box.textContent = words[state] ?? SAVING[state];
  box.dataset.state = state;
  if (state === "saving") return;
  const trouble = byId("trouble");
  const said = state in TROUBLE ? `${TROUBLE[state]} (${problem}). ${WAY_OUT[state]}` : "";
  trouble.hidden = !said;
  // only where it changes: a screen reader reads it each time
  if (trouble.textContent !== said) trouble.textContent = said;
}

// Ask which of two values of a field stands; `choose` is called with it. Several can be open.
export function showConflict(theirs, own, choose, named) {
  const words = ({ field, value }) => `“${named.value(field, value) || "nothing"}”`;
  const notice = addNotice(
    element("p", {}, `${theirs.unit}, ${named.field(theirs.field)}: another window wrote first.`),
    choice(`Keep ${words(theirs)} from there`, theirs.value),
    choice(`Write ${words(own)} from here`, own.value),
  );

  function choice(label, value) {
    const chosen = () => {
      notice.remove();
      choose(value);
    };
    return element("button", { type: "button", onclick: chosen }, label);
  }
}

// Show an entry that the workbench does not take, with its text, which nobody should lose.
export function showRejected(entry, problem) {
  const notice = addNotice(
    element("p", {}, `Not taken: ${problem}`),
    entry.value ? element("p", {}, `It was: “${entry.value}”`) : "",
    element("button", { type: "button", onclick: () => notice.remove() }, "Put away"),
  );
}

function addNotice(...content) {
  const notice = element("div", { class: "problem", role: "alert" }, ...content);
  byId("notices").append(notice);
  return notice;
}

// One line on what just happened, for eyes and for screen readers.
export function say(text) {
  byId("say").textContent = text ?? "";
}
