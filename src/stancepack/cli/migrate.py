"""``stancepack migrate``."""

from __future__ import annotations

from pathlib import Path

from stancepack.cli.app import ProjectFolder, app


@app.command()
def migrate(project: ProjectFolder = None) -> None:
    """Turn a project of version 1 into one of today, with every code, seal and reason."""
    from stancepack.project.migration import migrate as migrate_project

    print("\n".join(migrate_project((project or Path()).resolve())))
    print("Read seeds/project.yaml and what changed in coding/codebook.yaml.")
    print("Next: stancepack build")
