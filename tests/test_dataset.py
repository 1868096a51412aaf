"""The shipped data: valid, counted, with known rows, and true to the text where it is at hand."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pandas as pd
import pytest

import stancepack as sp
from stancepack.files.paths import shipped, text_of

HOME = shipped()
COUNTS = {
    "sources": 1088,
    "actors": 83,
    "offices": 57,
    "events": 26,
    "systems": 66,
    "issues": 8,
    "codes": 61,
    "statements": 1249,
    "statement_systems": 1485,
    "coders": 34,
    "rounds": 7,
    "codings": 43384,
    "stances": 9992,
    "positions": 1225,
    "statement_codings": 21692,
    "statement_codes": 4996,
    "agreement": 358,
    "discrepancies": 31,
    "coverage": 1720,
    "retired": 2,
}


@pytest.fixture(scope="module")
def pkg() -> sp.StancePackage:
    return sp.load()


@pytest.mark.slow
def test_it_is_valid() -> None:
    assert sp.validate().table.to_dict("records") == []


def test_the_counts_are_pinned(pkg: sp.StancePackage) -> None:
    assert {table: len(pkg[table]) for table in pkg} == COUNTS


def test_statement_ids_never_change_their_place_in_the_text(pkg: sp.StancePackage) -> None:
    rows = pkg["statements"].set_index("statement_id")
    known = {
        "S001": (1, 258),
        "S015": (12258, 12595),
        "S031": (21475, 21629),
        "S046": (27598, 27691),
        "S052": (39895, 40004),
    }
    assert {name: (rows.loc[name, "start"], rows.loc[name, "end"]) for name in known} == known


def test_every_named_speaker_of_the_article_is_there(pkg: sp.StancePackage) -> None:
    speakers = """
        rasmussen gates kislyak sergei-ivanov putin lavrov simonov totsky petrov baluyevskiy
        mikhailov sokov obama
    """
    actors, statements = pkg["actors"], pkg["statements"]
    article = statements[statements["source"].str.startswith("weitz-2010")]
    persons = actors[actors["kind"] == "person"]["actor_id"]
    assert set(article["actor_id"]) & set(persons) == set(speakers.split())
    assert set(statements["actor_id"]) == set(actors["actor_id"])


def test_own_words_stand_with_their_source_and_how_they_were_checked(pkg: sp.StancePackage) -> None:
    statements, sources = pkg["statements"], pkg["sources"].set_index("source_id")
    own = statements[statements["verified"] != "text"]
    assert len(own) == 1016
    assert own["quote"].notna().all()
    assert (own["verified"] == "twice").sum() == 975
    assert not own.duplicated(["actor_id", "quote"]).any()
    keys = own["source"].str.partition("[")[0]
    assert sources.loc[keys, "access"].notna().all()
    assert own["date_earliest"].min().year == 2000
    assert own["date_latest"].max().year == 2012
    persons = pkg["actors"].query("kind == 'person'")["actor_id"]
    assert own["office_id"].notna().all(), "every official held an office that day"
    assert set(own["actor_id"]) <= set(persons)


def test_silence_can_be_told_from_absence(pkg: sp.StancePackage) -> None:
    coverage = pkg["coverage"]
    assert len(coverage) > 1000
    assert (coverage["found"] == 0).mean() > 0.1, "what was looked for in vain is published too"
    assert set(coverage["screened_by"]) == {"lm-u5", "lm-u6", "lm-u8", "lm-u9", "lm-u12"}


def test_every_issue_reaches_the_agreement_aimed_at_or_says_that_it_does_not(
    pkg: sp.StancePackage,
) -> None:
    table = pkg["agreement"]
    is_settling = (table["round"] == "settling") & (table["coefficient"] == "alpha")
    settling = table[is_settling].set_index("variable")
    codings = pkg.settling("codings")
    for issue in pkg["issues"]["issue_id"]:
        row = settling.loc[issue]
        alpha = sp.agreement(codings[codings["issue_id"] == issue])
        assert (row["value"], row["n_units"]) == (round(alpha.value, 4), alpha.n_units)
        assert (
            (row["value"] >= 0.8 and row["low"] >= 0.667)
            or row["n_units"] < 20
            or row["verdict"] == "tentative"
        ), issue
    assert {"round-3-third", "round-3-again"} <= set(table["round"])


def test_known_statements_read_as_they_should(pkg: sp.StancePackage) -> None:
    rows = pkg["statements"].set_index("statement_id")
    assert rows.loc["S046", "quote"] == "equal democratic access to managing"
    assert rows.loc["S046", "date"] == "2008-04-06"
    assert "depends on Washington promising to freeze" in rows.loc["S037", "condition"]
    stances = pkg["stances"].set_index(["statement_id", "issue_id"])["position"]
    assert stances["S046", "shared-control"] == 2
    assert stances["S021", "consultation"] == -2
    assert stances["S010"].isna().all(), "a remark on Iran policy addresses no issue (R12)"


def test_types_are_real(pkg: sp.StancePackage) -> None:
    statements, codings = pkg["statements"], pkg["codings"]
    assert pd.api.types.is_datetime64_any_dtype(statements["date_earliest"])
    assert statements["start"].dtype == "Int64"
    assert statements["conditional"].dtype == "boolean"
    assert isinstance(statements["attribution"].dtype, pd.CategoricalDtype)
    assert codings["position"].dtype == "Int64"
    assert codings["position"].isna().any(), "NA is missing"
    assert codings["codebook_version"].unique().tolist() == ["1.0.0", "1.1.0", "1.2.0", "1.3.0"], (
        "a version is text, not a number"
    )


def test_positions_are_tidy(pkg: sp.StancePackage) -> None:
    positions = pkg.positions()
    assert not positions.duplicated(["statement_id", "issue_id"]).any()
    assert len(positions) == pkg["stances"]["position"].notna().sum() == 1225
    persons = positions[
        positions["actor_id"].isin(pkg["actors"].query("kind == 'person'")["actor_id"])
    ]
    assert set(persons[persons["office"].isna()]["actor"]) == {"Nikita Petrov"}


def test_a_table_given_out_is_the_users_own(pkg: sp.StancePackage) -> None:
    mine = pkg["actors"]
    mine["name"] = "changed"
    assert "changed" not in set(pkg["actors"]["name"])


def test_an_unknown_table_is_named_with_the_nearest(pkg: sp.StancePackage) -> None:
    with pytest.raises(sp.StancepackError, match="did you mean 'statements'"):
        pkg["statement"]


def test_agreement_is_recomputed_from_the_codings(pkg: sp.StancePackage) -> None:
    there = pkg["agreement"].set_index(["round", "variable", "coefficient"])
    fresh = sp.agreement_table(pkg).set_index(["round", "variable", "coefficient"])
    columns = ["value", "low", "high"]
    figures = there.loc[fresh.index.tolist(), columns].to_numpy(dtype=float, na_value=float("nan"))
    assert figures == pytest.approx(fresh[columns].to_numpy(dtype=float), abs=6e-5, nan_ok=True)


def test_the_readme_says_what_is_in_the_data(pkg: sp.StancePackage, checkout: Path) -> None:
    statements, codings = pkg["statements"], pkg.settling("codings")
    own = statements[statements["verified"] != "text"]
    settled_in = codings.drop_duplicates("statement_id")["round"].value_counts()
    basis, bound = (statements[name].value_counts() for name in ("date_basis", "date_bound"))
    n, kinds = len(statements), pkg["actors"]["kind"].value_counts()
    sayings = [
        f"{len(pkg['sources']):,} documents",
        f"{n:,}, of {len(pkg['actors'])} speakers ({kinds['person']} named persons)",
        f"{statements['quote'].notna().sum():,} with the speaker's own words",
        f"{(statements['verified'] == 'text').sum()} of the article",
        f"{len(own):,} of {own['actor_id'].nunique()} officials in their own words",
        f"{(own['verified'] == 'twice').sum()} of these seen by two readers",
        f"2 coders × {n:,} statements × {len(pkg['issues'])} issues",
        *(f"{count} in {name.replace('-', ' ')}" for name, count in settled_in.items()),
        f"{basis['source']:,} of {n:,} from a primary or contemporary source",
        f"{basis['inferred']} are argued",
        f"{bound['day']} are days, {bound['published']} days of publication",
        f"{bound['bounds']} bounds",
        f"{len(pkg['discrepancies'])} differences between sources and article",
        f"{len(pkg['coverage']):,} look-ups",
    ]
    readme = (checkout / "README.md").read_text(encoding="utf-8")
    assert [saying for saying in sayings if saying not in readme] == []


def test_what_the_protocol_says_of_the_audit_and_its_round_is_in_their_files(
    checkout: Path,
) -> None:
    lists = checkout / "coding" / "unitising" / "units-5"
    audit, settled, facts, last = (
        pd.read_csv(lists / f"lm-u{number}.csv", dtype="str") for number in (15, 16, 17, 18)
    )
    compared = audit[audit["words"].isin(["agrees", "weaker", "contradicted"])]
    judged = audit["proposition"].value_counts()
    fields = ["speaker", "words", "date", "venue", "proposition"]
    assert not (last[fields] == "contradicted").any(axis=None)
    assert audit["date"].eq("contradicted").sum() == audit["speaker"].eq("contradicted").sum() == 0
    sheets = [
        pd.read_csv(checkout / "coding" / "rounds" / "round-5" / f"{coder}.csv", dtype="str")
        .set_index(["statement_id", "variable"])["code"]
        .fillna("NA")
        for coder in ("lm-10", "lm-11")
    ]
    differing = (sheets[0] != sheets[1].reindex(sheets[0].index)).sum()
    kept = settled["decision"].eq("keep").sum()
    sayings = [
        f"compared in {len(compared)}, and agreed letter for letter in "
        f"{compared['words'].eq('agrees').sum()};",
        f"Over all {len(audit)}, {judged['contradicted']} propositions were contradicted and "
        f"{judged['weaker']} could",
        f"the {len(settled)} propositions ({kept} kept, {len(settled) - kept} worded anew)",
        f"settled {len(facts)} cells of {facts['statement_id'].nunique()} statements",
        f"{differing} of {len(sheets[0]):,} codes differed",
        f"{last['page'].ne('not found').sum()} pages were found",
    ]
    protocol = " ".join((checkout / "coding" / "protocol.md").read_text(encoding="utf-8").split())
    assert [saying for saying in sayings if saying not in protocol] == []


def test_it_says_plainly_that_no_person_has_coded(pkg: sp.StancePackage, checkout: Path) -> None:
    assert set(pkg["coders"]["kind"]) == {"language-model"}
    assert "language model" in pkg.descriptor.content["description"]
    assert "No person has coded yet" in (checkout / "README.md").read_text(encoding="utf-8")


def test_nothing_that_a_coder_reads_has_changed_since_the_last_round(
    pkg: sp.StancePackage, checkout: Path
) -> None:
    coded_under = sp.Project.open(checkout).rounds["round-5"].codebook
    assert pkg.codebook.version == coded_under.version == "1.3.0"
    assert pkg["rounds"]["codebook_version"].iloc[-1] == coded_under.version
    assert pkg.codebook.problems() == []
    assert pkg.codebook.content == coded_under.content


def test_whose_words_and_which_day_are_said_of_every_statement(pkg: sp.StancePackage) -> None:
    statements = pkg["statements"]
    own = statements["quote"].notna()
    for column in ("language_quoted", "rendering", "scope"):
        assert statements.loc[own, column].notna().all(), column
    assert statements.loc[statements["scope"] != "about", "scope_note"].notna().all()
    is_day = statements["date_earliest"] == statements["date_latest"]
    assert (is_day == (statements["date_bound"] == "day")).all()
    is_doubtful = statements["date"].str.contains("?", regex=False)
    assert (statements.loc[is_doubtful, "date_basis"] != "source").all(), "doubt is no source"
    bare = statements[is_day & statements["date_note"].str.contains("latest", na=False)]
    assert bare["date_note"].str.contains("review").all(), "a latest day is no day"


def test_every_sample_names_statements_and_the_probability_of_each(
    pkg: sp.StancePackage, checkout: Path
) -> None:
    known = set(pkg["statements"]["statement_id"])
    for path in (checkout / "coding" / "samples").glob("*.csv"):
        sample = pd.read_csv(path)
        assert set(sample["statement_id"]) <= known
        drawn = sample.groupby("stratum")["statement_id"].transform("size")
        assert (sample["probability"] - drawn / sample["n_stratum"]).abs().max() < 1e-5


def test_the_codebook_settles_the_hard_cases(pkg: sp.StancePackage) -> None:
    titles = {
        *(rule["title"] for rule in pkg.codebook.rules.values()),
        *(u["title"] for u in pkg.codebook.content["units"].values()),
    }
    assert {
        "Paraphrase beside a quotation",
        "A part of a long quotation",
        "Restatement",
        "An offer with a condition",
        "Inner states",
        "A position in a noun phrase",
        "An unnamed member of a delegation",
        "A report published by an administration",
        "A document dated twice",
        "US missile defence in general",
        "Iran as policy, Iran as threat",
        "Concession before the main claim",
        "Joint speakers",
        "An analyst who is not an official",
    } <= titles


def test_unused_codes_are_known(pkg: sp.StancePackage) -> None:
    used = pkg["statement_codes"].groupby("variable", observed=True)["code"].agg(set)
    unused = {name: set(pkg.codebook.codes(name)) - used[name] for name in pkg.codebook.variables}
    assert unused == {
        "attribution": set(),
        "speech_act": set(),
        "conditional": set(),
        "addressee": set(),
    }


def test_the_training_set_has_answers_within_the_scales(checkout: Path) -> None:
    project = sp.Project.open(checkout)
    book, training = project.codebook, project.training
    assert training is not None
    assert len(training.items) >= 12
    for name, item in training.items.items():
        assert set(book.variables) <= set(item["answers"]) <= set(book)
        for variable in book:
            assert set(training.accepted(name, variable)) <= set(book.codes(variable))


def test_every_field_is_documented(pkg: sp.StancePackage) -> None:
    for resource in pkg.descriptor.content["resources"]:
        for field in resource["schema"]["fields"]:
            assert {"title", "type", "description", "constraints", "example"} <= set(field), field[
                "name"
            ]
            assert field["description"].endswith((".", "?")), field["name"]


def test_the_metadata_conform_to_data_package_2(pkg: sp.StancePackage) -> None:
    content = pkg.descriptor.content
    assert content["$schema"] == "https://datapackage.org/profiles/2.0/datapackage.json"
    assert {lic.get("scope", "") != "" for lic in content["licenses"]} == {True}
    for resource in content["resources"]:
        assert resource["$schema"] == "https://datapackage.org/profiles/2.0/dataresource.json"
        assert (resource["encoding"], resource["dialect"]["delimiter"]) == ("utf-8", ",")
        assert {"rows", "bytes", "hash"} <= set(resource)


def test_frictionless_validates_the_descriptor_as_it_stands() -> None:
    command = [Path(sys.executable).parent / "frictionless", "validate", HOME / "datapackage.json"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout
    assert "INVALID" not in done.stdout


@pytest.mark.usefixtures("article_text")
def test_every_passage_and_quotation_stands_in_the_text() -> None:
    assert sp.validate().not_checked == []


def test_no_run_of_ten_words_of_the_authors_own_stands_in_the_release(
    article_text: str, pkg: sp.StancePackage
) -> None:
    word = re.compile(r"[^\W_]+(?:['’][^\W_]+)?")

    def runs(text: str) -> set[tuple[str, ...]]:
        words = [
            match.casefold().replace("’", "'")
            for match in word.findall(re.sub(r"-\s*\n\s*", "", text))
        ]
        return {tuple(words[i : i + 10]) for i in range(len(words) - 9)}

    of_article = runs(article_text)
    quotes = " ".join(quote.replace(" | ", " ") for quote in pkg["statements"]["quote"].dropna())
    shared = set()
    for table in pkg:
        for column in pkg.descriptor.read_text(table):
            if (table, column) != ("statements", "quote"):
                for cell in pkg.descriptor.read_text(table)[column]:
                    shared |= runs(cell) & of_article
    assert shared <= runs(quotes)


def test_a_missing_text_is_said_and_not_passed_over(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("STANCEPACK_TEXTS", str(tmp_path))
    assert text_of(HOME, "weitz-2010") is None
    assert any("233 passages of weitz-2010" in line for line in sp.validate().not_checked)
