"""Writing that loses nothing: steps cut short anywhere, and many writers at once."""

from __future__ import annotations

import json
import os
import stat
import subprocess
import sys
import textwrap
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

import stancepack as sp
from stancepack.errors import StancepackWarning
from stancepack.files import atomic
from stancepack.files.atomic import JOURNAL, finish, interrupted, write, write_all, write_new
from stancepack.files.passages import fingerprint
from stancepack.project.store import LOCK, locked

NAMES = ["data/a.csv", "data/b.csv", "new/deep/c.csv", "datapackage.json"]


def release(number: int) -> dict[str, str]:
    return {name: f"{name} of release {number}\n" * 1000 for name in NAMES}


def put(home: Path, number: int) -> None:
    write_all({home / name: content for name, content in release(number).items()}, home)


def tree(home: Path) -> dict[str, str]:
    """Return every file below a folder, staged ones and the journal among them."""
    return {
        path.relative_to(home).as_posix(): path.read_text(encoding="utf-8")
        for path in home.rglob("*")
        if path.is_file() and path.name != LOCK
    }


def run(code: str, *arguments: object) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", textwrap.dedent(code), *map(str, arguments)],
        env=os.environ | {"PYTHONPATH": os.pathsep.join(map(str, (SRC, Path(__file__).parent)))},
        stderr=subprocess.PIPE,
        text=True,
    )


SRC = Path(atomic.__file__).parents[2]

# every call that changes the disk is counted; at the given one the process is gone, as by kill -9
DYING = """
    import os, sys
    from pathlib import Path
    from test_store import put
    home, last, before = Path(sys.argv[1]), int(sys.argv[2]), sys.argv[3] == "before"
    count = 0

    def counted(module, name):
        real = getattr(module, name)
        def call(*arguments, **named):
            global count
            writes = name != "open" or arguments[1] & (os.O_WRONLY | os.O_RDWR)
            count += bool(writes)
            if writes and count == last and before:
                os._exit(9)
            try:
                return real(*arguments, **named)
            finally:
                if writes and count == last:
                    os._exit(9)
        setattr(module, name, call)

    for name in ("open", "fsync", "replace", "unlink", "mkdir", "chmod"):
        counted(os, name)
    put(home, 2)
"""


@pytest.mark.slow
@pytest.mark.parametrize("moment", ["before", "after"])
def test_killed_at_any_step_a_write_is_all_old_or_can_be_finished(
    tmp_path: Path, moment: str
) -> None:
    states = set()
    for step in range(1, 200):
        home = tmp_path / str(step)
        home.mkdir()
        put(home, 1)
        (home / "new/deep/c.csv").unlink()  # one of the files is new
        old = tree(home)
        process = run(DYING, home, step, moment)
        _, said = process.communicate()
        assert process.returncode in (0, 9), said
        stood = interrupted(home)
        if not stood and process.returncode == 9:
            there = {name: content for name, content in tree(home).items() if name in NAMES}
            assert there in (old, release(2))
        assert finish(home) == []
        assert finish(home) == []
        after = tree(home)
        assert after in (old, release(2)), f"step {step}"
        states.add((stood, after == old))
        if process.returncode == 0:
            assert after == release(2)
            break
    else:
        pytest.fail("the write never ended")
    assert {(False, True), (True, False), (False, False)} <= states
    assert step > 20


def test_a_journal_whose_staged_files_are_gone_finishes_the_rest(tmp_path: Path) -> None:
    home = tmp_path / "p"
    home.mkdir()
    put(home, 1)
    entries = []
    for number, name in enumerate(NAMES[:3]):
        part = (home / name).with_name(f".999999999-{number:016x}.part")
        part.write_text(release(2)[name], encoding="utf-8")
        entries.append([name, part.name, fingerprint(release(2)[name])])
    (home / "data" / ".999999999-0000000000000000.part").unlink()
    (home / JOURNAL).write_text(json.dumps({"files": entries}), encoding="utf-8")
    with pytest.warns(StancepackWarning, match=r"is gone: data/a\.csv"), locked(home):
        pass
    assert tree(home) == release(1) | {n: c for n, c in release(2).items() if n in NAMES[1:3]}


@pytest.mark.parametrize("journal", ["", "{", '{"files": [["data/a.csv", "x.part"', "[]", "null"])
def test_a_journal_that_is_not_whole_is_none(tmp_path: Path, journal: str) -> None:
    put(tmp_path, 1)
    (tmp_path / JOURNAL).write_text(journal, encoding="utf-8")
    assert interrupted(tmp_path)
    assert finish(tmp_path) == []
    assert not interrupted(tmp_path)
    assert tree(tmp_path) == release(1)


def test_a_journal_of_somebody_s_package_moves_nothing_outside_and_nothing_else(
    tmp_path: Path,
) -> None:
    home = tmp_path / "p"
    home.mkdir()
    put(home, 1)
    (tmp_path / "mine").write_text("mine", encoding="utf-8")
    sha256 = fingerprint(release(1)["data/b.csv"])
    staged = ".1-0000000000000000.part"
    for path, part in (("../mine", staged), ("/etc/x", staged), ("data/a.csv", "b.csv")):
        entries = [[path, part, sha256]]
        (home / JOURNAL).write_text(json.dumps({"files": entries}), encoding="utf-8")
        assert finish(home) == []
    assert tree(home) == release(1)
    assert (tmp_path / "mine").read_text(encoding="utf-8") == "mine"


def test_a_failure_before_the_journal_changes_nothing_and_names_the_file(tmp_path: Path) -> None:
    put(tmp_path, 1)
    old = tree(tmp_path)
    (tmp_path / "blocked").mkdir()
    with pytest.raises(IsADirectoryError) as caught:
        write_all({tmp_path / "x/y/z": "new", tmp_path / "blocked": "x"}, tmp_path)
    assert caught.value.filename == str(tmp_path / "blocked")
    (tmp_path / "blocked").rmdir()
    with pytest.raises(OSError, match=r"a\.csv"):
        write_all({tmp_path / "x/y/z": "new", tmp_path / "data/a.csv/b": "x"}, tmp_path)
    assert tree(tmp_path) == old
    assert not (tmp_path / "x").exists()


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    disk = tmp_path / "disk"
    disk.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=64k", "none", str(disk)]
    if os.name == "nt" or subprocess.run(mount, capture_output=True, check=False).returncode:
        pytest.skip("no small disk can be made here")
    yield disk
    subprocess.run(["umount", str(disk)], check=True)


def test_a_full_disk_changes_nothing_and_names_the_file(small_disk: Path) -> None:
    write_all({small_disk / "a": "old"}, small_disk)
    with pytest.raises(OSError, match="No space") as caught:
        write_all({small_disk / "a": "new", small_disk / "b": "x" * 100_000}, small_disk)
    assert caught.value.filename == str(small_disk / "b")
    assert tree(small_disk) == {"a": "old"}


def test_modes_are_kept_and_new_files_get_those_of_the_umask(tmp_path: Path) -> None:
    def mode(path: Path) -> int:
        return stat.S_IMODE(path.stat().st_mode)

    for number, kept in enumerate((0o664, 0o600, 0o755)):
        path = tmp_path / f"f{number}"
        path.write_text("old", encoding="utf-8")
        path.chmod(kept)
        write_all({path: "new"}, tmp_path)
        write(path, "newer")
        assert mode(path) == kept
    for umask, made in ((0o002, 0o664), (0o077, 0o600)):
        before = os.umask(umask)
        try:
            write(tmp_path / f"n{umask}", "x")
        finally:
            os.umask(before)
        assert mode(tmp_path / f"n{umask}") == made


def test_nothing_is_written_through_a_link_that_leads_out(tmp_path: Path) -> None:
    home, outside = tmp_path / "p", tmp_path / "out"
    home.mkdir()
    outside.mkdir()
    (outside / "f").write_text("mine", encoding="utf-8")
    (home / "folder").symlink_to(outside)
    (home / "file").symlink_to(outside / "f")
    (home / "inner").symlink_to(home / "real")
    for name in ("folder/f", "folder/new", "file", "../out/f", JOURNAL):
        with pytest.raises(sp.StancepackError), locked(home) as store:
            store.write({"good": "x", name: "x"})
    with pytest.raises(sp.StancepackError), locked(home) as store:
        store.write({outside / "f": "x"})
    assert tree(outside) == {"f": "mine"}
    assert not (home / "good").exists()
    with locked(home) as store:
        store.write({"inner": "through"})
    assert (home / "inner").is_symlink()
    assert (home / "real").read_text(encoding="utf-8") == "through"


def test_two_names_of_one_file_are_refused(tmp_path: Path) -> None:
    with pytest.raises(sp.StancepackError, match="the same file"), locked(tmp_path) as store:
        store.write({"a": "1", "./a": "2"})


def test_a_pipe_is_not_replaced(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(OSError, match="no regular file"):
        write(tmp_path / "pipe", "x")


def test_what_stopped_writes_left_is_removed_and_what_living_ones_need_stays(
    tmp_path: Path,
) -> None:
    (tmp_path / "data").mkdir()
    process = run("")
    process.communicate()
    gone, alive = process.pid, os.getppid()
    stale = [
        f".{gone}-0123456789abcdef.part",
        f"a.csv.{gone}.part",
        f".{os.getpid()}-0123456789abcdef.part",
    ]
    kept = [f".{alive}-0123456789abcdef.part", "mine.part", f"x.{gone}.partial"]
    for name in stale + kept:
        (tmp_path / "data" / name).write_text("x", encoding="utf-8")
    finish(tmp_path)
    assert sorted(path.name for path in (tmp_path / "data").iterdir()) == sorted(kept)
    os.utime(tmp_path / "data" / kept[0], (0, 0))
    finish(tmp_path)
    assert not (tmp_path / "data" / kept[0]).exists()


def test_what_somebody_may_have_filled_is_not_overwritten(tmp_path: Path) -> None:
    write_new(tmp_path / "sheet.csv", "blank")
    write_new(tmp_path / "sheet.csv", "blank")
    (tmp_path / "sheet.csv").write_text("filled", encoding="utf-8")
    with pytest.raises(sp.StancepackError, match="may hold somebody's work"):
        write_new(tmp_path / "sheet.csv", "blank")
    assert (tmp_path / "sheet.csv").read_text(encoding="utf-8") == "filled"


COUNTING = """
    import sys
    from stancepack.project.store import locked
    for _ in range(int(sys.argv[2])):
        with locked(sys.argv[1]) as store:
            path = store.home / "count"
            number = int(path.read_text()) + 1
            store.write({"count": str(number), "twice": str(2 * number)})
"""


@pytest.mark.slow
def test_processes_that_read_change_and_write_lose_nothing(tmp_path: Path) -> None:
    with locked(tmp_path) as store:
        store.write({"count": "0"})
    processes = [run(COUNTING, tmp_path, 60) for _ in range(3)]
    for process in processes:
        _, said = process.communicate()
        assert process.returncode == 0, said
    assert tree(tmp_path) == {"count": "180", "twice": "360"}


def test_threads_that_read_change_and_write_lose_nothing(tmp_path: Path) -> None:
    with locked(tmp_path) as store:
        store.write({"count": "0"})

    def count() -> None:
        for _ in range(20):
            with locked(tmp_path) as outer, locked(str(tmp_path) + "/.") as store:
                number = int((outer.home / "count").read_text(encoding="utf-8")) + 1
                store.write({"count": str(number)})

    threads = [threading.Thread(target=count) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert tree(tmp_path) == {"count": "80"}


def test_threads_may_write_one_file_and_it_is_always_whole(tmp_path: Path) -> None:
    contents = [str(number) * 50_000 for number in range(4)]

    def again(content: str) -> None:
        for _ in range(25):
            write(tmp_path / "f", content)

    threads = [threading.Thread(target=again, args=[content]) for content in contents]
    for thread in threads:
        thread.start()
    while any(thread.is_alive() for thread in threads):
        if (tmp_path / "f").exists():
            assert (tmp_path / "f").read_text(encoding="utf-8") in contents
    assert len(tree(tmp_path)) == 1


def test_the_lock_of_a_dead_process_is_free_and_its_write_is_finished(tmp_path: Path) -> None:
    with locked(tmp_path) as store:
        store.write(release(1))
    dying = "import os, sys\nfrom stancepack.project.store import locked\n" + (
        "real = os.unlink\n"
        "os.unlink = lambda path, **more: os._exit(9) if 'journal' in str(path) else real(path)\n"
        "from test_store import release\n"
        "with locked(sys.argv[1]) as store:\n    store.write(release(2))\n"
    )
    process = run(dying, tmp_path)
    _, said = process.communicate()
    assert process.returncode == 9, said
    assert interrupted(tmp_path)
    with locked(tmp_path) as store:
        assert tree(store.home) == release(2)


def test_who_waits_too_long_is_told_who_else_may_write(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("stancepack.project.store._PATIENCE", 0.2)
    said: list[str] = []

    def other() -> None:
        try:
            with locked(tmp_path):
                pass
        except sp.StancepackError as error:
            said.append(str(error))

    with locked(tmp_path):
        thread = threading.Thread(target=other)
        thread.start()
        thread.join()
    assert "another stancepack command or workbench" in said[0]


def test_a_folder_that_is_none_cannot_be_locked(tmp_path: Path) -> None:
    with pytest.raises(sp.StancepackError, match="no such folder"), locked(tmp_path / "nowhere"):
        pass


def test_a_package_whose_write_was_interrupted_is_not_read_and_build_completes_it(
    tiny: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("stancepack.dataset.package._PATIENCE", 0.1)
    right = tree(tiny)
    (tiny / JOURNAL).write_text("", encoding="utf-8")
    with pytest.raises(sp.StancepackError, match="`stancepack build` completes it"):
        sp.load(tiny)
    sp.build(tiny)
    assert len(sp.load(tiny)["statements"]) == 4
    assert tree(tiny) == right


def test_a_write_that_is_under_way_is_waited_for(tiny: Path) -> None:
    (tiny / JOURNAL).write_text("", encoding="utf-8")
    timer = threading.Timer(0.3, (tiny / JOURNAL).unlink)
    timer.start()
    assert len(sp.load(tiny)) > 0
    timer.join()


def test_a_table_that_was_changed_since_it_was_built_is_read_with_a_warning(tiny: Path) -> None:
    actors = tiny / "data" / "actors.csv"
    actors.write_text(
        actors.read_text(encoding="utf-8").replace("The first", "Our first"), encoding="utf-8"
    )
    package = sp.load(tiny)
    with pytest.warns(sp.StancepackWarning, match=r"'actors'.*actors\.csv.*`stancepack build`"):
        assert package["actors"]["name"][0] == "Our first minister"
    assert len(package["statements"]) == 4
