"""The table of all trials, and the best one as a run in a file."""

import math

import pytest
import yaml

from mimamo.errors import InputError
from mimamo.search.table import best_of, write_best, write_trials
from mimamo.search.trials import COMPLETE, FAILED, PRUNED, FoldOutcome, Trial
from mimamo.storage.files import read_csv


def trial(number: int, *values: float, state: str = COMPLETE, note: str = "") -> Trial:
    parameters = {
        "network.head": "tcn",
        "network.temporal_channels": [4, 4, 8],
        "network.pool5_components": None,
        "streams.appearance.width": 8,
        "training.learning_rate": 0.0012345678912345,
    }
    return Trial(number, parameters, tuple(FoldOutcome(state, (value - 1, value), note) for value in values))


TRIALS = [
    trial(0, 0.3, 0.5),
    trial(1, 0.5, 0.5),
    trial(2, 0.9, 0.9, state=PRUNED),
    trial(3, 0.9, 0.9, state=FAILED, note="fold 0, epoch 3: diverged"),
    trial(4, 0.4, 0.6),
]


def test_table_has_every_trial_with_what_it_came_to_and_its_values(tmp_path):
    (tmp_path / "0").mkdir()
    for fold, field in enumerate(("1800.0", "3600.0")):
        (tmp_path / f"0/fold{fold}.tsv").write_text(f"s\th:m:s\n{field}\t0:30:00\n")
    (tmp_path / "0/trained.json").write_text('{"machine": {"gpu": "GPU of a test"}}')
    durations, trainings = (
        {number: sorted((tmp_path / f"{number}").glob(pattern)) for number in range(5)}
        for pattern in ("*.tsv", "*.json")
    )
    write_trials(TRIALS, durations, trainings, tmp_path / "trials.csv")
    table = read_csv(tmp_path / "trials.csv")
    assert table["trial"].tolist() == [0, 1, 2, 3, 4]
    assert table["state"].tolist() == ["complete", "complete", "pruned", "failed", "complete"]
    assert table["value"][[0, 1, 2, 4]].tolist() == pytest.approx([0.4, 0.5, 0.9, 0.5])
    assert math.isnan(table["value"][3]) and table["note"][3] == "fold 0, epoch 3: diverged"
    assert table["epochs"].tolist() == [4] * 5
    assert table["hours"][0] == 1.5 and table["hours"][1:].isna().all()
    assert table["processor"][0] == "GPU of a test"
    assert table["network.temporal_channels"][0] == "[4, 4, 8]" and table["network.head"][0] == "tcn"
    # More digits than other tables have: the numbers are to be typed again.
    assert "0.0012345678912345" in (tmp_path / "trials.csv").read_text()


def test_best_is_the_first_of_the_highest_that_were_trained_to_their_end():
    assert best_of(TRIALS).number == 1
    with pytest.raises(
        InputError, match=r"None of the 2 trials .* the first as: fold 0, epoch 3: diverged; narrow"
    ):
        best_of(TRIALS[2:4])


@pytest.mark.parametrize(
    ("protocol", "said"),
    [("official", "The official validation set had no part in it."), ("merged", "a little too good")],
)
def test_best_is_written_as_a_run_and_says_what_it_was_chosen_by(tmp_path, protocol, said):
    write_best(TRIALS, protocol, tmp_path / "best.yaml")
    text = (tmp_path / "best.yaml").read_text()
    assert (
        text.startswith("# Trial 1 of a search of 5, with CCC 0.5000 on the stop names.\n") and said in text
    )
    assert yaml.safe_load(text) == {
        "runs": {
            "found": {
                "network": {"head": "tcn", "temporal_channels": [4, 4, 8], "pool5_components": None},
                "streams": {"appearance": {"width": 8}},
                "training": {"learning_rate": 0.0012345678912345},
            }
        }
    }
