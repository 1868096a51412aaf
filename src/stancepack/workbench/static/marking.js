// A whole text to mark passages in: by mouse, or by sentences and words from the keyboard. Offsets
// outside of this file count code points, as the data do; a browser counts in UTF-16.

// how passages are shown; where several meet, the last of these
const MANNERS = ["marked", "second", "current", "chosen"];

export class MarkedText {
  // `box` holds the text and takes the keys; `selected` is told of each new selection, `opened` of
  // a click into the text, as an offset.
  constructor(box, { selected, opened }) {
    this.box = box;
    this.selected = selected;
    this.opened = opened;
    this.node = document.createTextNode("");
    this.box.replaceChildren(this.node);
    this.selection = null; // start and end in UTF-16
    this.box.addEventListener("keydown", (event) => this.pressed(event));
    this.box.addEventListener("pointerup", (event) => this.clicked(event));
    document.addEventListener("selectionchange", () => this.follow());
  }

  show(text) {
    if (this.text === text) return;
    this.text = text;
    this.points = new CodePoints(text);
    this.sentences = sentencesOf(text);
    this.words = wordsOf(text);
    this.selection = null;
    this.node = document.createTextNode(text);
    this.box.replaceChildren(this.node);
    this.box.scrollTop = 0;
  }

  // ---- what is selected

  // The selection in code points, as it is now; null if nothing is selected.
  taken() {
    this.follow();
    return this.span;
  }

  get span() {
    if (!this.selection) return null;
    const { start, end } = this.selection;
    return { start: this.points.before(start), end: this.points.after(end) };
  }

  // Select what stands at code points, and show it.
  select({ start, end }) {
    this.choose(this.points.index(start), this.points.index(end));
  }

  wordsOf({ start, end }) {
    return this.text.slice(this.points.index(start), this.points.index(end));
  }

  choose(start, end) {
    this.selection = trimmed(this.text, start, end);
    if (!this.selection) return;
    const range = this.range(this.selection.start, this.selection.end);
    const native = getSelection();
    native.removeAllRanges();
    native.addRange(range);
    this.reveal(range);
    this.selected();
  }

  // Take what the mouse, or a browser's own caret, selects in the text.
  follow() {
    const native = getSelection();
    if (native.isCollapsed || !this.box.contains(native.anchorNode)) return;
    const range = native.getRangeAt(0);
    // it may have gone over the edge of the text
    const from = range.startContainer === this.node ? range.startOffset : 0;
    const to = range.endContainer === this.node ? range.endOffset : this.text.length;
    const taken = trimmed(this.text, from, to);
    const { start, end } = this.selection ?? {};
    if (!taken || (taken.start === start && taken.end === end)) return;
    this.selection = taken;
    this.selected();
  }

  clicked(event) {
    if (!getSelection().isCollapsed) return;
    const place = document.caretPositionFromPoint
      ? document.caretPositionFromPoint(event.clientX, event.clientY)
      : caretFromRange(event);
    this.selection = null;
    this.selected();
    if (place?.offsetNode === this.node) this.opened(this.points.before(place.offset));
  }

  // ---- what is shown

  // Show passages, in code points, in the manner of a name that the style sheet knows.
  highlight(name, spans) {
    if (!globalThis.CSS?.highlights) return; // an old browser: the list beside tells all the same
    const ranges = spans.map(({ start, end }) =>
      this.range(this.points.index(start), this.points.index(end)),
    );
    const highlight = new Highlight(...ranges);
    highlight.priority = MANNERS.indexOf(name);
    CSS.highlights.set(name, highlight);
  }

  range(start, end) {
    const range = document.createRange();
    range.setStart(this.node, start);
    range.setEnd(this.node, end);
    return range;
  }

  reveal(range) {
    const place = range.getBoundingClientRect();
    const box = this.box.getBoundingClientRect();
    const margin = 40; // pixels, so that what comes next is seen too
    if (place.top < box.top + margin) this.box.scrollTop += place.top - box.top - margin;
    else if (place.bottom > box.bottom - margin) {
      const room = place.top - box.top - margin; // its beginning stays in sight
      this.box.scrollTop += Math.min(place.bottom - box.bottom + margin, room);
    }
  }

  // ---- keys: ↑ ↓ go by sentences, ← → move the end by words; with Shift ↑ ↓ move the end by
  // sentences, ← → the start by words

  pressed(event) {
    if (event.altKey || event.ctrlKey || event.metaKey) return;
    const step = { ArrowDown: 1, ArrowRight: 1, ArrowUp: -1, ArrowLeft: -1 }[event.key];
    if (!step) return;
    event.preventDefault();
    event.stopPropagation();
    const bySentence = event.key === "ArrowDown" || event.key === "ArrowUp";
    if (bySentence && !event.shiftKey) this.moveSentence(step);
    else this.moveEdge(event.shiftKey && !bySentence ? "start" : "end", step, bySentence);
  }

  moveSentence(step) {
    const { sentences } = this;
    if (!sentences.length) return;
    let number = 0;
    if (this.selection) {
      const { start } = this.selection;
      number = sentences.findLastIndex((sentence) => sentence.start <= start);
      number = Math.min(Math.max(number + step, 0), sentences.length - 1);
    }
    this.choose(sentences[number].start, sentences[number].end);
  }

  moveEdge(edge, step, bySentence = false) {
    if (!this.selection) return this.moveSentence(step);
    const { start, end } = this.selection;
    const edges = (bySentence ? this.sentences : this.words).map((piece) => piece[edge]);
    const from = this.selection[edge];
    const inside = (place) => (edge === "start" ? place < end : place > start);
    const to =
      step > 0
        ? edges.find((place) => place > from && inside(place))
        : edges.findLast((place) => place < from && inside(place));
    if (to === undefined) return;
    if (edge === "start") this.choose(to, end);
    else this.choose(start, to);
  }
}

// Between the code points of a text and its places in UTF-16.
export class CodePoints {
  constructor(text) {
    this.starts = [];
    for (let place = 0; place < text.length; place += text.codePointAt(place) > 0xffff ? 2 : 1)
      this.starts.push(place);
    this.starts.push(text.length);
  }

  index(offset) {
    return this.starts[offset];
  }

  // The code point that begins at a place in UTF-16, or the one that the place cuts.
  before(place) {
    const offset = this.after(place);
    return this.starts[offset] === place ? offset : offset - 1;
  }

  // The first code point that begins at a place in UTF-16, or after it.
  after(place) {
    let [low, high] = [0, this.starts.length - 1];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.starts[middle] < place) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}

// Line breaks inside of a paragraph end no sentence; they keep their length, so that offsets hold.
function sentencesOf(text) {
  const inParagraph = /(?<!\n[^\S\n]*)\r?\n(?!\s*\n)/g;
  const joined = text.replace(inParagraph, (found) => " ".repeat(found.length));
  const segments = new Intl.Segmenter(undefined, { granularity: "sentence" }).segment(joined);
  return Array.from(segments, ({ index, segment }) =>
    trimmed(text, index, index + segment.length),
  ).filter(Boolean);
}

// Words and marks: whatever is not white space, as far as it hangs together.
function wordsOf(text) {
  const segments = new Intl.Segmenter(undefined, { granularity: "word" }).segment(text);
  return Array.from(segments, ({ index, segment }) =>
    trimmed(text, index, index + segment.length),
  ).filter(Boolean);
}

// A stretch of text without the white space at its ends; null if there is nothing else.
function trimmed(text, start, end) {
  const words = text.slice(start, end);
  const kept = words.trim();
  if (!kept) return null;
  const first = start + words.indexOf(kept);
  return { start: first, end: first + kept.length };
}

function caretFromRange(event) {
  const range = document.caretRangeFromPoint?.(event.clientX, event.clientY);
  return range && { offsetNode: range.startContainer, offset: range.startOffset };
}
