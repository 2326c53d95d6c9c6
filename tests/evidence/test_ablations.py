import numpy as np
import pandas as pd
import pytest

from mimamo.evidence.ablations import score_ablations
from mimamo.storage.files import read_csv, write_csv
from support.tables import write_label_table, write_predictions


@pytest.fixture
def stage(tmp_path):
    """Ten people, and two variants: the second says nothing of arousal."""
    generator = np.random.default_rng(0)
    roles, parts = [], {("both", 0): [], ("both", 1): [], ("spatial", 0): [], ("spatial", 1): []}
    for number in range(10):
        name, scored_in = f"p{number}", number % 2
        labels = pd.DataFrame(generator.uniform(-1, 1, (40, 2)), columns=["valence", "arousal"])
        labels.insert(0, "frame", range(1, 41))
        write_label_table(tmp_path, name, labels)
        guess = labels.assign(name=name, role="score", valence=lambda t: 0.8 * t["valence"])
        parts["both", scored_in].append(guess)
        parts["spatial", scored_in].append(guess.assign(arousal=generator.uniform(-1, 1, 40)))
        roles += [(fold, name, name, "score" if fold == scored_in else "train") for fold in (0, 1)]
    write_csv(pd.DataFrame(roles, columns=["fold", "name", "group", "role"]), tmp_path / "folds.csv")
    for (variant, fold), tables in parts.items():
        write_predictions(tmp_path / f"{variant}{fold}.csv", pd.concat(tables))
    return tmp_path


def test_variants_are_compared_with_the_first_on_the_same_draws(stage):
    files = {variant: [stage / f"{variant}{fold}.csv" for fold in (0, 1)] for variant in ("both", "spatial")}
    score_ablations(files, stage / "labels", stage / "folds.csv", stage / "out.csv", "of a test")
    table = read_csv(stage / "out.csv").set_index("variant")
    assert list(table.index) == ["both", "spatial"] and set(table["note"]) == {"of a test"}
    both, spatial = table.loc["both"], table.loc["spatial"]
    assert both["difference_valence"] == both["difference_arousal_low"] == 0
    # The same valence, and arousal at random.
    assert spatial["difference_valence_low"] == spatial["difference_valence_high"] == 0
    assert spatial["difference_arousal"] == pytest.approx(
        spatial["ccc_arousal"] - both["ccc_arousal"], abs=2e-6
    )
    assert (
        spatial["difference_arousal_low"] < spatial["difference_arousal"] < spatial["difference_arousal_high"]
    )
    assert spatial["difference_arousal_high"] < -0.7 and spatial["ccc_arousal_low"] < 0.1
