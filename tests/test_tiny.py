from pathlib import Path

import stancepack as sp


def test_the_tiny_project_is_valid_and_everything_is_checked(tiny: Path) -> None:
    findings = sp.validate(tiny)
    assert findings.table.to_dict("records") == []
    assert findings.not_checked == []
