// The page in a notebook. It asks the kernel through the cell that shows it, which hands it a port.

const KERNEL_PATIENCE = 20000; // milliseconds; a kernel that runs a cell answers afterwards
const SILENT = "the kernel does not answer; perhaps a cell is running";

class Kernel {
  constructor(port) {
    this.port = port;
    this.asked = new Map();
    port.onmessage = ({ data }) => this.answered(data);
  }

  ask(what, content = {}, patience = KERNEL_PATIENCE) {
    const id = newId();
    return new Promise((resolve, reject) => {
      const silent = () => reject(new Error(SILENT));
      this.asked.set(id, { resolve, reject, timer: setTimeout(silent, patience) });
      this.port.postMessage({ id, what, content });
    });
  }

  // Answers to other cells that show the same page come along too.
  answered({ id, answer, problem, entry }) {
    const asked = this.asked.get(id);
    if (!asked) return;
    this.asked.delete(id);
    clearTimeout(asked.timer);
    if (answer) asked.resolve(answer);
    else asked.reject(Object.assign(new Error(problem), { entry }));
  }
}

class NotebookPage extends CodePage {
  get words() {
    const goOn = "All is saved at once: stop when you like, and run this cell again to go on.";
    return { ...super.words, goOn };
  }
}

// The page takes the keyboard when somebody clicks on it, not when its cell is run: what is then
// typed is meant for the notebook, and would be a code here.
const focus = HTMLElement.prototype.focus;
HTMLElement.prototype.focus = function focusIfHere(options) {
  if (document.hasFocus()) focus.call(this, options);
};

window.addEventListener("message", ({ ports: [port] }) => {
  const kernel = new Kernel(port);
  startPage(NotebookPage, {
    state: () => kernel.ask("state"),
    write: (entries) => kernel.ask("entries", { entries }),
    close: () => kernel.ask("close", {}, 10 * KERNEL_PATIENCE),
  });
}, { once: true });
