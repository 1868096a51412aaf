"""The report: one page, offline, of any project, and every mark leads to its evidence."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Callable
from datetime import date
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
import small_studies
from conftest import edit
from small_studies import issue, make_study, units

import stancepack as sp
from stancepack.dataset.codebook import Codebook
from stancepack.dataset.descriptor import Descriptor
from stancepack.files.tables import Row
from stancepack.site.report import write_report

COLUMNS = ["table", "row_id", "column", "value", "rule", "message", "remedy"]
VALID = sp.Findings(pd.DataFrame(columns=COLUMNS), [])
INVALID = sp.Findings(
    pd.DataFrame([["t", "r", "c", "v", "rule", "What.", "Do."]], columns=COLUMNS), []
)
WHERE = re.compile(r"(left|top|height|width):(-?[\d.]+)")


class Page(HTMLParser):
    """Collects ids, links, marks with where they stand, lanes, and what a page would fetch."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.text = text
        self.ids: list[str] = []
        self.links: list[dict[str, str]] = []
        self.marks: list[dict[str, Any]] = []
        self.lanes: list[float] = []  # their heights
        self.tags: set[str] = set()
        self.attributes: set[str] = set()
        self.fetched: list[str] = []
        self.counted = 0  # statements for which there was no room
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        classes = given.get("class", "").split()
        where = {name: float(number) for name, number in WHERE.findall(given.get("style", ""))}
        self.tags.add(tag)
        self.attributes |= {*given}
        if "id" in given:
            self.ids.append(given["id"])
        if "plot" in classes:
            self.lanes.append(where["height"])
        if tag == "summary" and given.get("aria-label", "").endswith("more statements"):
            self.counted += int(given["aria-label"].split()[0])
        if tag == "a":
            self.links.append(given)
            if "mark" in classes:
                statement = given["href"].removeprefix("#statement-")
                self.marks.append(given | where | {"lane": len(self.lanes), "statement": statement})
        if tag in ("script", "link", "img", "iframe", "source") or "src" in given:
            self.fetched.append(f"{tag} {given}")


def report(pkg: sp.StancePackage | Path, folder: Path, findings: sp.Findings = VALID) -> Page:
    package = sp.load(pkg) if isinstance(pkg, Path) else pkg
    return Page(write_report(package, folder / "report", findings).read_text(encoding="utf-8"))


# The shipped data


@pytest.fixture(scope="module")
def page(tmp_path_factory: pytest.TempPathFactory) -> Page:
    return report(sp.load(), tmp_path_factory.mktemp("report"))


@pytest.fixture(scope="module")
def text(page: Page) -> str:
    return page.text


def test_it_is_one_page_that_fetches_nothing(page: Page) -> None:
    assert page.fetched == []
    assert "url(" not in page.text
    assert "@import" not in page.text


def test_every_link_leads_somewhere_on_the_page_or_to_a_public_source(page: Page) -> None:
    assert len(page.ids) == len(set(page.ids))
    inside = {link["href"][1:] for link in page.links if link["href"].startswith("#")}
    assert inside <= set(page.ids)
    outside = [link for link in page.links if not link["href"].startswith("#")]
    assert len(outside) > 1000
    for link in outside:
        assert link["href"].startswith(("https://", "http://"))
        assert link["rel"] == "noopener noreferrer"


def test_every_position_of_the_principals_is_a_mark_or_counted_and_leads_to_its_statement(
    page: Page,
) -> None:
    positions = sp.load().positions()
    drawn = positions[positions["actor_id"].isin(["putin", "lavrov", "gates", "baluyevskiy"])]
    assert len(page.marks) + page.counted == len(drawn)
    assert page.counted < 0.1 * len(drawn)
    assert {mark["statement"] for mark in page.marks} <= set(drawn["statement_id"])
    for mark in page.marks:
        assert mark["aria-label"].startswith(mark["statement"])


def test_every_mark_stands_at_its_date_within_its_lane(page: Page) -> None:
    statements = sp.load()["statements"].set_index("statement_id")
    first, last = date(2000, 1, 1), date(2013, 1, 1)
    for mark in page.marks:
        row = statements.loc[mark["statement"]]
        middle = row["date_earliest"] + (row["date_latest"] - row["date_earliest"]) / 2
        expected = 100 * (middle.date() - first).days / (last - first).days
        assert mark["left"] == pytest.approx(expected, abs=0.03)
        assert 0 < mark["top"] < page.lanes[mark["lane"] - 1]


def test_no_mark_covers_another_at_the_width_of_a_phone(page: Page) -> None:
    for lane in range(1, len(page.lanes) + 1):
        marks = [(mark["left"] * 3, mark["top"]) for mark in page.marks if mark["lane"] == lane]
        for n, (x, y) in enumerate(marks):
            assert not any(abs(x - u) < 9.9 and abs(y - v) < 9.9 for u, v in marks[:n])


def test_conditions_repetitions_and_settled_disagreements_are_marked(page: Page) -> None:
    classes = {mark["statement"]: mark["class"].split()[1:] for mark in page.marks}
    assert classes["S037"] == ["conditional"]
    assert classes["S035"] == ["repeated"]
    assert ["conditional", "repeated"] in classes.values()


def test_a_statement_shows_who_when_where_how_and_why(text: str) -> None:
    card = re.search(r'<article class="card" id="statement-S017">.*?</article>', text, re.S)
    assert card
    shown = [
        "Vladimir Putin",
        "President of Russia",
        "2007-02-10, basis: source",
        "newslog.cyberjournal.org",
        "code points 12700–12798",
        "Today this system is ineffective",
        "confidence",
        "lm-8",
    ]
    for words in shown:
        assert words in card[0], words


def test_a_card_says_whose_words_they_are_what_its_date_bounds_and_who_else_has_them(
    text: str,
) -> None:
    for statement, words in {
        "S483": ["a translation by an agency", "(RIA Novosti)", "spoken in ru, quoted in en"],
        "S653": ["2008-04-06 to 2008-04-08", "only a day of publication is known"],
        "S865": ["the speaker&#39;s own words in the language of the utterance", "Also in"],
    }.items():
        (card,) = re.findall(rf'<article[^>]*id="statement-{statement}".*?</article>', text, re.S)
        for said in words:
            assert said in card, (statement, said)


def test_it_says_plainly_who_coded_and_how_many(text: str) -> None:
    assert "No person has coded yet" in text
    assert "<strong>1249 statements</strong> by 83 speakers (38 named persons)" in text
    assert "too few units for a verdict" in text


def test_means_are_drawn_only_where_there_are_enough_statements(text: str) -> None:
    lanes = re.findall(r'<div class="lane">.*?<div class="axis">', text, re.S)
    with_path = [lane for lane in lanes if 'class="path"' in lane]
    assert 4 <= len(with_path) < len(lanes)
    for lane in with_path:
        assert int(re.search(r"n = (\d+)", lane)[1]) >= 8  # type: ignore[index]
        assert not re.search(r'points="[^"]*nan', lane)


def test_the_report_says_what_makes_the_figures(text: str) -> None:
    assert "What makes the figures" in text
    assert re.search(r'Rules that settled most: <a href="#rule-R\d+">R', text)


def test_agreement_begins_with_what_is_settled(text: str) -> None:
    table = text[text.index("Krippendorff's alpha with") :]
    settled = table.index("what is settled: of each statement")
    assert settled < min(table.index(f">{name}<") for name in ("round-1", "round-5", "units-1"))


def test_a_card_leads_to_its_source_and_says_how_the_words_were_checked(text: str) -> None:
    assert "<NA>" not in text
    assert "&lt;NA&gt;" not in text
    card = re.search(r'<article class="card" id="statement-S699">.*?</article>', text, re.S)
    assert card
    assert "code points" not in card[0]
    assert "reader" in card[0], "who saw the words"
    assert re.search(r'<a href="https?://[^"]+" rel="noopener noreferrer">', card[0])


def test_rules_that_settled_lead_to_the_codebook(page: Page) -> None:
    rules = [link["href"] for link in page.links if link["href"].startswith("#rule-")]
    assert len(rules) > 281


# Other studies


@pytest.fixture(scope="module", params=["three_points", "eleven_points", "frames"])
def study(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    home = tmp_path_factory.mktemp("small") / request.param
    return Path(getattr(small_studies, request.param)(home))


def test_every_scale_has_its_own_lanes(study: Path, tmp_path: Path) -> None:
    page, pkg = report(study, tmp_path), sp.load(study)
    (name,) = pkg.codebook.issues
    scale = pkg.scale(name)
    assert set(re.findall(r"<b>([^<]*)</b></div>", page.text)) == set(scale.codes)
    assert page.marks
    for mark in page.marks:
        assert 0 < mark["top"] < page.lanes[mark["lane"] - 1]
    assert "−2" not in page.text
    assert "nan" not in page.text
    assert 'class="warn"' not in page.text


def test_means_lie_within_the_scale(study: Path, tmp_path: Path) -> None:
    page = report(study, tmp_path)
    height = max(page.lanes)
    points = re.findall(r' points="([^"]*)"', page.text)
    if study.name == "frames":
        assert not points
        assert "The codes have no order" in page.text
        return
    downs = [float(pair.split(",")[1]) for line in points for pair in line.split()]
    assert downs
    assert min(downs) > 0
    assert max(downs) < height


def test_an_issue_without_order_is_counted_by_code_and_time(tmp_path: Path) -> None:
    page = report(small_studies.frames(tmp_path / "frames"), tmp_path)
    table = page.text.partition("over time</h3>")[2].partition("</table>")[0]
    for code in ("economy", "security", "fairness"):
        assert f"<td>{code}</td>" in table
    counts = [
        int(n) for n in re.findall(r"<td class=\"n\">(\d+)</td>", table.partition("<th>n")[2])
    ]
    assert sum(counts) == 25, "each statement once, though two made it"


def test_words_that_may_be_passed_on_and_all_speakers_are_shown(tmp_path: Path) -> None:
    page = report(small_studies.frames(tmp_path / "frames"), tmp_path)
    assert "Post number 7 on &lt;taxes&gt;." in page.text
    assert "S000 · Left, Right" in page.text
    assert {mark["statement"] for mark in page.marks} == {f"S{n:03d}" for n in range(25)}


def one_issue(home: Path, n: int, **more: Any) -> Path:
    codes = ["-1", "0", "1"]
    rows = units(n, ["ann"], proposition="Says {}.")
    more = {"coding": lambda variable, statement, coder: codes[statement % 3], **more}
    return make_study(home, issues={"plan": issue("The plan", codes)}, units=rows, **more)


def test_nothing_coded_yet_has_a_report(tmp_path: Path) -> None:
    page = report(one_issue(tmp_path / "study", 2, coding=None), tmp_path)
    assert "Nothing has been coded yet" in page.text
    assert "No person has coded" not in page.text
    assert "The plan" in page.text


def test_coders_who_agree_everywhere_have_a_report(tmp_path: Path) -> None:
    page = report(one_issue(tmp_path / "study", 3), tmp_path)
    assert "Nowhere." in page.text
    assert len(page.marks) == 3


def test_one_coder_has_a_report(tmp_path: Path) -> None:
    pkg = sp.load(one_issue(tmp_path / "study", 12))
    codings = pkg["codings"]
    alone = codings[codings["coder_id"] == "ann"]
    stances = pkg["stances"].assign(settled_by="single")
    frames = {"codings": alone, "stances": stances, "agreement": pkg["agreement"].iloc[:0]}
    page = report(sp.StancePackage(pkg.descriptor, frames, pkg.codebook), tmp_path)
    assert "No round has been coded by two coders yet" in page.text
    assert "12 of 12 readings were made by one coder alone" in page.text
    assert len(page.marks) == 12


def test_statements_that_crowd_on_one_day_stay_in_their_lane_and_are_counted(
    tmp_path: Path,
) -> None:
    pkg = sp.load(one_issue(tmp_path / "study", 90))
    statements = pkg["statements"]
    day = pd.Timestamp("2015-05-05")
    statements = statements.assign(date="2015-05-05", date_earliest=day, date_latest=day)
    page = report(
        sp.StancePackage(pkg.descriptor, {"statements": statements}, pkg.codebook), tmp_path
    )
    assert len(page.marks) + page.counted == 90
    assert page.counted > 70
    for mark in page.marks:
        assert 0 < mark["top"] < page.lanes[0]
    assert len({mark["left"] for mark in page.marks}) == 1, "no mark is moved in time"


@pytest.mark.parametrize(
    ("first", "last", "labels"),
    [
        ("2020-03-01", "2020-03-04", ["2020-03-01", "03-02", "03-03", "03-04"]),
        ("2020-03-01", "2020-06-30", ["2020-03", "2020-04", "2020-05", "2020-06"]),
        ("2001-05-01", "2004-02-01", ["2001", "2002", "2003", "2004"]),
        (
            "1501-05-01",
            "1899-02-01",
            ["1500", "1550", "1600", "1650", "1700", "1750", "1800", "1850"],
        ),
        ("0001-01-01", "9999-12-31", []),
    ],
)
def test_the_axis_counts_as_people_do(
    tmp_path: Path, first: str, last: str, labels: list[str]
) -> None:
    pkg = sp.load(one_issue(tmp_path / "study", 2))
    days = pd.DatetimeIndex([pd.Timestamp(day).as_unit("us") for day in (first, last)])
    statements = pkg["statements"].assign(date_earliest=days, date_latest=days)
    if not labels:  # a date that is open on both sides
        statements = statements.assign(date_earliest=days[0], date_latest=days[1])
    page = report(
        sp.StancePackage(pkg.descriptor, {"statements": statements}, pkg.codebook), tmp_path
    )
    (axis,) = re.findall(r'<div class="axis">(.*?)</div>', page.text)
    assert re.findall(r">([^<]+)</span>", axis) == labels
    assert len(page.marks) == 2


def test_the_standard_form_of_a_licence_and_bare_entries_have_a_report(tmp_path: Path) -> None:
    licence = {"name": "CC-BY-4.0", "path": "https://creativecommons.org/licenses/by/4.0/"}
    people = [{"givenName": "Ann", "familyName": "Lee"}, {"organization": "The Institute"}, {}]
    settings = {"licenses": [licence, {"title": "T"}, {"scope": "S"}], "contributors": people}
    page = report(one_issue(tmp_path / "study", 3, settings=settings), tmp_path)
    assert "<strong>CC-BY-4.0</strong>" in page.text
    assert "Ann Lee, The Institute (no date). A study." in page.text


def test_projects_own_columns_are_shown(tmp_path: Path) -> None:
    columns = {"columns": {"statements": [{"name": "medium", "title": "Medium"}]}}
    rows = units(2, ["ann"], medium="Radio {}")
    codes = ["a", "b"]
    home = make_study(
        tmp_path / "study",
        issues={"plan": issue("The plan", codes, "nominal")},
        units=rows,
        coding=lambda variable, statement, coder: codes[statement],
        settings=columns,
    )
    assert "<dt>Medium</dt><dd>Radio 1</dd>" in report(home, tmp_path).text


# What is wrong is shown, and nothing hides the rest


def test_findings_stand_on_top_and_are_text(tiny: Path, tmp_path: Path) -> None:
    edit(tiny, "actors", lambda rows: rows[0].update(name="The <b>first</b>"))
    page = report(tiny, tmp_path, INVALID)
    assert page.text.index("<strong>1 finding.</strong>") < page.text.index('<h2 id="positions">')
    assert "The &lt;b&gt;first" in page.text, "what the data hold is text, not markup"
    assert "<b>first" not in page.text


def test_a_package_without_principals_draws_those_with_most_positions(
    tiny: Path, tmp_path: Path
) -> None:
    page = report(tiny, tmp_path)
    assert "Positions of The first minister" in page.text
    assert "No person has coded yet" not in page.text


NO_SUCH = "no-such"
UNKNOWN = {
    "an actor": ("statements", {"actor_id": NO_SUCH}, f"· {NO_SUCH}"),
    "an office": ("statements", {"office_id": NO_SUCH}, f'<span class="soft">{NO_SUCH}</span>'),
    "an event": ("statements", {"event_id": NO_SUCH}, f"<dt>Where</dt><dd>{NO_SUCH}</dd>"),
    "a source": ("statements", {"source": f"{NO_SUCH}[p. 2]"}, f"{NO_SUCH} [p. 2]"),
    "a system": ("statement_systems", {"system_id": NO_SUCH}, f"<dt>On</dt><dd>{NO_SUCH}</dd>"),
    "a repetition": ("statements", {"repeats": NO_SUCH}, f"#statement-{NO_SUCH}"),
    "a code": ("stances", {"position": "7"}, "<strong>7</strong>"),
    "no number": ("stances", {"position": NO_SUCH}, f"<strong>{NO_SUCH}</strong>"),
    "a coder's code": ("codings", {"position": "7"}, ">7 <span"),
    "an issue": ("codings", {"issue_id": NO_SUCH}, f"<strong>{NO_SUCH}</strong>"),
    "a rule": ("stances", {"rationale": "R99: So.", "settled_by": "adjudication"}, "R99: So."),
    "a date": ("statements", {"date": NO_SUCH}, NO_SUCH),
    "a day": ("statements", {"date_earliest": NO_SUCH}, "2007-05"),
    "a number": ("agreement", {"value": NO_SUCH}, "alpha, nominal"),
    "a round": ("codings", {"round": "9" * 5000}, "S001"),
    "a licence of a source": ("sources", {"redistributable": "perhaps"}, "A speech"),
}


@pytest.mark.parametrize("what", UNKNOWN)
def test_what_is_not_known_is_shown_as_it_stands(tiny: Path, tmp_path: Path, what: str) -> None:
    table, cells, shown = UNKNOWN[what]
    edit(tiny, table, lambda rows: [row | cells for row in rows[:1]] + rows[1:])
    assert shown in report(tiny, tmp_path, INVALID).text


@pytest.mark.parametrize("table", [*sp.load()])
def test_a_table_that_lacks_cells_or_is_not_there_hides_nothing_else(
    tiny: Path, tmp_path: Path, table: str
) -> None:
    columns = sp.load(tiny).descriptor.columns(table)
    edit(tiny, table, lambda rows: with_a_gap_in_each(rows, columns))
    assert "Codebook 1.0.0" in report(tiny, tmp_path, INVALID).text
    (tiny / "data" / f"{table}.csv").unlink()
    assert "Codebook 1.0.0" in report(tiny, tmp_path, INVALID).text


def with_a_gap_in_each(rows: list[Row], columns: list[str]) -> list[Row]:
    """Return the rows once for each column, in which it is blank."""
    return [row | {column: ""} for column in columns for row in rows] + rows


BROKEN: dict[str, Callable[[bytes], bytes]] = {
    "without rows": lambda content: content.splitlines(keepends=True)[0],
    "empty": lambda content: b"",
    "not UTF-8": lambda content: b"\xff\xfe\x00",
    "other columns": lambda content: b"a,b\n1,2\n",
    "rows of blanks": lambda content: re.sub(rb"\n[^\n]*", rb"\n" + b"," * 8, content),
    "rows too short": lambda content: content.replace(b",", b"", 3),
}


@pytest.mark.parametrize("how", BROKEN)
def test_a_package_of_broken_tables_has_a_report(tiny: Path, tmp_path: Path, how: str) -> None:
    for path in (tiny / "data").glob("*.csv"):
        path.write_bytes(BROKEN[how](path.read_bytes()))
    page = report(tiny, tmp_path, INVALID)
    assert "1 finding." in page.text
    assert "Codebook 1.0.0" in page.text


OPTIONAL = (
    *("sources", "offices", "events", "systems", "statement_systems", "discrepancies"),
    *("coverage", "retired", "statement_codings", "statement_codes", "agreement", "rounds"),
)


@pytest.mark.parametrize("missing", [[name] for name in OPTIONAL] + [list(OPTIONAL)], ids=len)
def test_optional_tables_may_be_absent(tiny: Path, tmp_path: Path, missing: list[str]) -> None:
    pkg = sp.load(tiny)
    content = dict(pkg.descriptor.content)
    content["resources"] = [
        resource for resource in content["resources"] if resource["name"] not in missing
    ]
    there = sp.StancePackage(Descriptor(content, pkg.descriptor.path))
    page = report(there, tmp_path, INVALID)
    assert "S001 · The first minister" in page.text


def test_hundreds_of_sources_in_a_cell_are_shown(tiny: Path, tmp_path: Path) -> None:
    cell = ";".join(["speech", "speech[p. 2]", *(f"x-{n}[p. {n}]" for n in range(300))])
    edit(tiny, "statements", lambda rows: rows[0].update(source=cell))
    page = report(tiny, tmp_path)
    assert "The council: A speech, 2007 [p. 2]" in page.text
    assert "297 more" in page.text
    assert "x-299 [p. 299]" in page.text


# What the data hold is text

PAYLOADS = (
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "' onmouseover='alert(1)",
    "</style></title><svg onload=alert(1)>",
    "{{ 7 * 7 }}{% raw %}",
)


def hostile(value: Any, payload: str) -> Any:
    """Return texts with a payload behind each, wherever they stand."""
    if isinstance(value, dict):
        return {name: hostile(part, payload) for name, part in value.items()}
    if isinstance(value, list):
        return [hostile(part, payload) for part in value]
    return value + payload if isinstance(value, str) else value


def hostile_package(home: Path, payload: str) -> sp.StancePackage:
    pkg = sp.load(home)
    book = dict(pkg.codebook.content)
    for part in ("issues", "variables", "rules", "units"):
        kept = {"level": None, "neutral": None, "codes": None, "examples": None}
        book[part] = {
            name: hostile(entry, payload) | {key: entry[key] for key in kept if key in entry}
            for name, entry in book[part].items()
        }
    frames = {}
    for table in pkg:
        frame = pkg[table]
        for column in frame.select_dtypes("str").columns:
            if column not in ("issue_id", "variable", "round"):
                frame[column] = frame[column] + payload
        frames[table] = frame
    frames["sources"]["url"] = "javascript:alert(1)" + payload
    frames["statements"]["text"] = "Words" + payload
    content = dict(pkg.descriptor.content)
    for part in ("title", "description", "contributors", "licenses", "version"):
        content[part] = hostile(content[part], payload)
    descriptor = Descriptor(content, pkg.descriptor.path)
    return sp.StancePackage(descriptor, frames, Codebook(book | {"version": book["version"]}))


@pytest.mark.parametrize("payload", PAYLOADS)
def test_no_text_becomes_markup(tiny: Path, tmp_path: Path, payload: str) -> None:
    harmless = report(tiny, tmp_path)
    findings = sp.Findings(INVALID.table.map(lambda cell: cell + payload), [])
    page = report(hostile_package(tiny, payload), tmp_path, findings)
    assert page.tags <= {*harmless.tags, "blockquote", "br"}
    assert page.attributes <= harmless.attributes
    assert page.fetched == []
    assert all(link["href"].startswith("#") for link in page.links), "no address but http"
    assert page.text.count("alert(1)") > 50 or "7 * 7" in page.text


@pytest.mark.parametrize(
    ("url", "is_linked"),
    [
        ("https://example.org/a?b=1&c=2", True),
        ("HTTP://example.org", True),
        ("javascript:alert(1)", False),
        (" javascript:alert(1)", False),
        ("data:text/html,x", False),
        ("//example.org", False),
        ("file:///etc/passwd", False),
        ("https:javascript", False),
    ],
)
def test_only_addresses_of_the_web_are_linked(
    tiny: Path, tmp_path: Path, url: str, is_linked: bool
) -> None:
    pkg = sp.load(tiny)
    sources = pkg["sources"].assign(url=url)
    page = report(sp.StancePackage(pkg.descriptor, {"sources": sources}, pkg.codebook), tmp_path)
    assert any(not link["href"].startswith("#") for link in page.links) == is_linked


# The command


def run(*args: object, cwd: Path) -> subprocess.CompletedProcess[str]:
    command = [Path(sys.executable).parent / "stancepack", "report", *map(str, args)]
    return subprocess.run(command, capture_output=True, text=True, check=False, cwd=cwd)


def test_the_command_says_what_there_is_whether_it_is_valid_and_where_the_page_is(
    tiny: Path,
) -> None:
    done = run(cwd=tiny)
    assert done.returncode == 0, done.stderr + done.stdout
    assert "tiny 1.0.0: 4 statements, 2 actors" in done.stdout
    assert "Valid: no findings." in done.stdout
    assert re.search(rf"Report: {tiny}/build/report/index.html \(\d+\.\d s\)", done.stdout)


def test_the_command_writes_the_page_and_fails_where_there_are_findings(tiny: Path) -> None:
    edit(tiny, "statements", lambda rows: rows[0].update(actor_id=NO_SUCH))
    done = run(cwd=tiny)
    assert done.returncode == 1
    assert re.search(r"\d+ findings?; the page lists them", done.stdout)
    assert NO_SUCH in (tiny / "build/report/index.html").read_text(encoding="utf-8")
    assert "Traceback" not in done.stderr


def test_a_report_takes_the_place_of_a_report_and_of_nothing_else(tiny: Path) -> None:
    package, folder = sp.load(tiny), tiny / "site"
    first = write_report(package, folder, VALID)
    assert write_report(package, folder, INVALID) == first
    first.write_text("<title>Home</title> a page of somebody's own", encoding="utf-8")
    with pytest.raises(sp.StancepackError, match="is no report"):
        write_report(package, folder, VALID)
    assert "somebody's own" in first.read_text(encoding="utf-8")
