"""What a run comes to, from small tables."""

from pathlib import Path

import pandas as pd
import pytest

from mimamo.page.verdict import read_verdict
from mimamo.storage.files import write_csv

SCORES = [
    {"scope": "pooled", "id": "all", "ccc_valence": 0.8, "ccc_arousal": 0.9},
    {"scope": "fold", "id": "0", "ccc_valence": 0.1, "ccc_arousal": 0.1},
]
RIDGE = [{"dimension": "valence", "ccc": 0.89}, {"dimension": "arousal", "ccc": 0.1}]


def price(policy: str, configured: str, masked: int, valence: float, arousal: float) -> dict[str, object]:
    """A row of the prices of gaps."""
    scores = {"ccc_valence": valence, "ccc_arousal": arousal}
    return {"policy": policy, "configured": configured, "masked": masked, **scores}


def variant(
    smoothing: str, delay: str, configured: str, valence: float, **others: object
) -> dict[str, object]:
    """A row of the variants."""
    row = {"kind": "smoothing", "scored_on": "out of fold", "smoothing": smoothing, "delay": delay}
    return row | {"configured": configured, "ccc_valence": valence, "ccc_arousal": 0.9} | others


@pytest.fixture
def read(tmp_path):
    """Return a function that writes tables and reads the verdict."""

    def run(prices=None, variants=None, scores=SCORES, ridge=RIDGE):
        """The verdict of these tables."""
        paths: list[Path | None] = []
        for name, rows in (("scores", scores), ("ridge", ridge), ("prices", prices), ("variants", variants)):
            paths.append(None if rows is None else tmp_path / f"{name}.csv")
            if rows is not None:
                write_csv(pd.DataFrame(rows, columns=None if rows else list(SCORES[0])), paths[-1])
        return read_verdict(*paths)

    return run


def test_the_score_to_expect_is_that_with_the_configured_gap_policy(read):
    found = read([price("no gaps", "no", 0, 0.8, 0.9), price("report", "yes", 9, 0.4, 0.5)])
    assert (found.policy, found.expected) == ("report", {"valence": 0.4, "arousal": 0.5})
    assert found.scored == {"valence": 0.8, "arousal": 0.9} and found.changes == []


def test_changes_are_told_by_their_gain_if_it_is_worth_a_line(read):
    prices = [
        price("no gaps", "no", 0, 0.8, 0.9), price("report", "yes", 9, 0.4, 0.5),
        price("previous", "no", 9, 0.77, 0.88), price("interpolate", "no", 9, 0.78, 0.9),
    ]  # fmt: skip
    variants = [
        variant("none", "no delay", "yes", 0.8), variant("low_pass", "no delay", "no", 0.81),
        variant("best", "delay", "no", 0.83), variant("best", "delay", "no", 0.99, scored_on="elsewhere"),
        variant("none", "no delay", "no", 0.99, kind="gaps"),
    ]  # fmt: skip
    found = read(prices, variants)
    assert [change.setting for change in found.changes] == [
        "gaps.policy: interpolate",
        "gaps.policy: previous",
        "postprocessing: {smoothing: best, delay: true}",
    ]
    assert found.changes[0].gain == pytest.approx({"valence": 0.38, "arousal": 0.4})
    command = 'snakemake --config "postprocessing={smoothing: best, delay: true}"'
    assert found.changes[2].command(demo=True) == command
    assert read(variants=[variants[0], variant("low_pass", "no delay", "no", 0.809)]).changes == []


def test_where_no_frame_of_the_test_names_lacks_a_crop_there_is_no_other_score_to_expect(read):
    found = read([price("report", "yes", 0, 0.8, 0.9), price("previous", "no", 0, 0.8, 0.9)])
    assert found.expected is None and found.policy == "" and found.changes == []


def test_ridge_is_compared_in_words(read):
    assert read().beside_ridge.endswith(
        "the network is ahead for arousal by 0.80, and behind for valence by 0.09"
    )
    behind = [{"dimension": dimension, "ccc": 0.95} for dimension in ("valence", "arousal")]
    assert read(ridge=behind).beside_ridge.endswith(
        "the network is behind for valence by 0.15 and for arousal by 0.05"
    )
    none = [{"dimension": dimension, "ccc": None} for dimension in ("valence", "arousal")]
    assert read(ridge=none).beside_ridge == "ridge regression on single frames has no score to compare with"


def test_without_a_scored_frame_there_is_no_verdict(read):
    assert read(scores=[{"scope": "fold", "id": "0", "ccc_valence": None, "ccc_arousal": None}]) is None
