import re

import pandas as pd

from mimamo import DIMENSIONS
from mimamo.page.evidence import ENDS, KINDS, describe_choice, is_shown, read_evidence
from mimamo.page.tables import evidence_rows
from mimamo.storage.files import write_csv
from support.page import numbers, plots


def test_evidence_is_shown_and_published_numbers_are_marked(page):
    shown = plots(page)
    symbols = shown["comparison0_ccc"]["data"][0]["marker"]["symbol"]
    assert symbols[0] == "circle" and symbols[-1] == "circle-open"
    other = re.findall(r'<tr class="other">.*?</tr>', page, re.DOTALL)
    assert len(other) == symbols.count("circle-open") > 5
    # Said above the table, and not in each of its rows.
    note = "published scores on other splits"
    assert not any(note in row for row in other) and page.count(note) == 1
    report = next(row for row in other if "2105.01502" in row)
    assert "0.415" in report and "0.511" in report
    # The reference has no difference to itself.
    assert shown["ablations0_difference"]["data"][0]["customdata"] == ["spatial", "temporal", "head tcn"]
    assert '−0.500 <span class="interval">−0.625 to −0.250</span>' in page
    assert shown["ablations0_difference"]["data"][0]["error_x"]["arrayminus"] is not None
    assert "0.912" in page and "0.412" in page
    assert "savitzky golay" in page and "out of fold" in page


def test_trials_of_a_search_are_shown_with_their_settings(page):
    best, complete, pruned = plots(page)["search"]["data"]
    assert numbers(best["y"]) == [0.311111, 0.422222] and numbers(complete["x"]) == [0, 3]
    assert numbers(pruned["x"]) == [2] and pruned["marker"]["symbol"] == "circle-open"
    rows = re.findall(r"<tr>(?:(?!</tr>).)*?<td>(?:complete|failed|pruned)</td>.*?</tr>", page, re.DOTALL)
    assert len(rows) == 4 and "0.422" in rows[3] and "<td>0.002123</td>" in rows[3]
    assert "4 trials, of which 2 were trained to their end; the best is trial 3 with 0.42" in page
    assert "protocol merged" in page


def test_a_page_without_a_search_says_nothing_of_one(tiny):
    assert 'id="search"' not in (tiny.results / "report.html").read_text()


def test_no_two_variants_that_are_compared_have_the_same_label(tiny):
    """Also those that differ in the label delay alone."""
    (kind,) = (kind for kind in KINDS if kind.key == "variants")
    tables = read_evidence(tiny.results / "variants.csv", kind)
    labels = [label for table in tables.values() for label in table["label"]]
    assert any("label delay" in label for label in labels)
    assert all(table["label"].is_unique for table in tables.values())


def choice(**values) -> dict:
    scores = {
        f"{kind}_{dimension}{end}": value
        for kind, value in (("nested", 0.41), ("validation", 0.32))
        for dimension in ("valence", "arousal")
        for end in ("", "_low", "_high")
    }
    known = {"compared": 3, "best": "wide", "score": 0.5, "advantage": 0.04, "by_chance": 0.03}
    return {**known, "by_chance_high": 0.06, "probability": 0.21, **scores, **values}


def test_choice_among_runs_is_described_with_what_chance_gives(tmp_path):
    path = tmp_path / "runs_choice.csv"
    write_csv(pd.DataFrame([choice()]), path)
    told = describe_choice(path)
    assert "3 runs were compared" in told and "the best is wide with 0.500" in told
    assert "better by 0.030 on average (up to 0.060 in 95 of 100 cases)" in told
    assert "with a probability of 0.21" in told
    assert "each fold's people get 0.410 (0.410 to 0.410) for valence and 0.410" in told
    assert "wide has 0.320" in told
    # With few people there is no interval and no chance to compare with.
    write_csv(pd.DataFrame([choice(by_chance=None)]), path)
    assert "chance" not in describe_choice(path) and "probability" not in describe_choice(path)
    write_csv(pd.DataFrame([choice(compared=1)]), path)
    assert describe_choice(path) == ""


def test_runs_have_their_changes_seeds_and_hours_beside_the_scores(tmp_path):
    (kind,) = (kind for kind in KINDS if kind.key == "runs")
    scores = {
        f"{score}_{dimension}{end}": 0.1
        for score in ("ccc", "difference")
        for dimension in ("valence", "arousal")
        for end in ("", "_low", "_high")
    }
    known = {"seeds": 2, "spread_valence": 0.01, "spread_arousal": 0.02, "hours": 1.5, "processor": "CPU"}
    rows = [
        {"run": run, "changes": changes, **known, **scores, "frames": 10, "note": ""}
        for run, changes in (("configured", ""), ("wide", "network.fusion_width: 512"))
    ]
    write_csv(pd.DataFrame(rows), tmp_path / "runs.csv")
    (table,) = read_evidence(tmp_path / "runs.csv", kind).values()
    cells = evidence_rows(table, "", list(kind.details))[1]
    assert cells["label"] == "wide"
    assert cells["details"] == ["network.fusion_width: 512", 2, 0.01, 0.02, 1.5, "CPU"]


def test_ensembles_are_told_by_their_members_and_only_where_some_are_configured(tmp_path):
    (kind,) = (kind for kind in KINDS if kind.key == "ensembles")
    scores = {f"{what}_{d}{end}": 0.25 for what in ("ccc", "difference") for d in DIMENSIONS for end in ENDS}
    rows = [
        {"ensemble": name, "members": members, "weights": weights, "scored_on": where, "frames": 9, **scores}
        for where in ("out of fold", "validation set")
        for name, members, weights in (("configured", "", ""), ("both", "configured wide", "nnls"))
    ]
    write_csv(pd.DataFrame(rows).assign(note=""), tmp_path / "ensembles.csv")
    tables = read_evidence(tmp_path / "ensembles.csv", kind)
    assert list(tables) == ["out of fold", "validation set"]
    labels = ["configured", "both: nnls of configured, wide"]
    assert all(table["label"].tolist() == labels for table in tables.values())
    assert is_shown(kind, {"ensembles": "results/ensembles.csv"}, submits=True)
    hidden = {kind.key for kind in KINDS if not is_shown(kind, {}, submits=False)}
    assert hidden == {"ensembles", "gap_prices", "runs"}
