// The page as the workbench serves it: it asks the address that it came from.

const SEALING = 300000; // milliseconds: all checks of the project run before codes are sealed

start({
  state,
  write: (entries, task) => post("entries", { entries, task }),
  close: () => post("close", {}, SEALING),
});
