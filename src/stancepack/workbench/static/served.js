// The page as the workbench serves it: it asks the address that it came from.

start({
  state,
  write: (entries) => post("entries", { entries }),
  close: () => post("close", {}),
});
