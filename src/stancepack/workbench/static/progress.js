// How far somebody is: which units are coded, how many are left, and what time that may take.

const ENOUGH = 20; // units; before that, the first ones, which take longer, would make the estimate
const LONGEST_PAUSE = 120; // seconds without a key or a click; who is away is not coding
const MOST_SECONDS = 1800; // seconds on one unit that are noted

export class Progress {
  // `isCoded` tells whether a unit has all that it needs, `seconds` what was spent on it.
  constructor(units, isCoded, seconds) {
    this.units = units;
    this.isCoded = isCoded;
    this.seconds = seconds;
    this.lookAgain();
  }

  lookAgain() {
    this.coded = this.units.map((unit) => this.isCoded(unit));
  }

  // Look at one unit again, which was written into.
  look(number) {
    this.coded[number] = this.isCoded(this.units[number]);
  }

  get left() {
    return this.coded.filter((isCoded) => !isCoded).length;
  }

  // The next unit that is open, beginning after one; those that `isLater` holds for come last.
  firstOpen(after, isLater) {
    const { length } = this.units;
    const order = this.units.map((_, number) => (number + after + 1) % length);
    const open = order.filter((number) => !this.coded[number]);
    return open.find((number) => !isLater(this.units[number])) ?? open[0] ?? -1;
  }

  // Time is an estimate of what is left, at one's own pace; it is never shown as a speed.
  toString() {
    const { left, units } = this;
    const times = units.map(this.seconds).filter(Boolean);
    times.sort((one, other) => one - other);
    const minutes = Math.ceil((times[Math.floor(times.length / 2)] * left) / 60);
    const time = times.length >= ENOUGH && left ? `, about ${duration(minutes)} at your pace` : "";
    return `${units.length - left} of ${units.length} coded, ${left} left${time}`;
  }
}

function duration(minutes) {
  return minutes < 100 ? `${minutes} min` : `${Math.round(minutes / 60)} hours`;
}

// The time that somebody spends on a unit, without pauses.
export class Clock {
  constructor() {
    for (const kind of ["keydown", "pointerdown", "wheel"])
      document.addEventListener(kind, () => this.tick(), { passive: true });
    this.start();
  }

  start() {
    this.spent = 0;
    this.last = performance.now();
  }

  tick() {
    const now = performance.now();
    this.spent += Math.min((now - this.last) / 1000, LONGEST_PAUSE);
    this.last = now;
  }

  // Whole seconds since it was started, added to those noted before; it starts anew.
  read(before) {
    this.tick();
    const seconds = Math.min(before + Math.round(this.spent), MOST_SECONDS);
    this.start();
    return seconds;
  }
}
