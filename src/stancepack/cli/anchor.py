"""``stancepack anchor``."""

from __future__ import annotations

import typer

from stancepack.cli.app import ProjectFolder, app, package_home


@app.command()
def anchor(project: ProjectFolder = None) -> None:
    """Find every passage and quotation again in the texts; exit code 1 if one is not in place."""
    from stancepack.dataset.package import load
    from stancepack.validation.texts import find_anchors

    home = package_home(project)
    pkg = load(home)
    if "passages" not in pkg.descriptor.modules or "sources" not in pkg:
        print("No statement has a passage at offsets.")
        return
    anchors = find_anchors(home, pkg["statements"], pkg["sources"], search=True)
    for fault in [*anchors.texts, *anchors.passages]:
        value = f" ({fault.value})" if fault.value != "" else ""
        print(f"{fault.row}, {fault.column}{value}: {fault.message} {fault.remedy}")
    absent = anchors.without_text.total()
    print(f"{anchors.in_place} at their place, {len(anchors.passages)} not, {absent} without text.")
    if absent:
        print("Name the folder of the source texts in STANCEPACK_TEXTS.")
    nothing_checked = absent and not anchors.in_place
    if anchors.texts or anchors.passages or nothing_checked:
        raise typer.Exit(1)
