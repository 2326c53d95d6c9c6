import os

import pytest

from mimamo.page.run import describe_run, durations, wall_time
from support.configuration import read
from support.corpus import DATA
from support.fold import FEATURES
from support.paths import REPO

RECORDS = {"appearance": FEATURES}


def test_data_are_described_with_where_their_parts_lie():
    config = read(REPO / "config.yaml") | {"root": "Aff-Wild2", "data": {**DATA, "sample_list": "sample.txt"}}
    record = {"backbone": "resnet50", "name": "random", "input_size": 112, "sha256": None}
    assert describe_run(config, demo=False, records={"appearance": record})["Data"] == (
        "Aff-Wild2: crops cropped_aligned; train VA_Set/Training_Set; validation VA_Set/Validation_Set;"
        " test list test_set_VA_Challenge.txt; videos batch1, batch2; sample list sample.txt"
    )


def test_durations_are_added_up_by_rule(tmp_path):
    (tmp_path / "train").mkdir()
    head = "s\th:m:s\tmax_rss\n"
    (tmp_path / "train/fold0.tsv").write_text(f"{head}10.5\t0:00:10\t300.25\n")
    (tmp_path / "official/train").mkdir(parents=True)
    (tmp_path / "official/train/fold1.tsv").write_text(f"{head}2.0\t0:00:02\t-\n")
    (tmp_path / "backbones/resnet18-0123").mkdir(parents=True)
    (tmp_path / "backbones/resnet18-0123/001.tsv").write_text(f"{head}0.5\t0:00:00\t-\n")
    (tmp_path / "audit.tsv").write_text(f"{head}20\t0:00:20\tNA\n")
    (tmp_path / "brought/mine").mkdir(parents=True)
    (tmp_path / "brought/mine/001.tsv").write_text(f"{head}1.5\t0:00:01\t90\n")
    (tmp_path / "page.tsv").write_text(f"{head}99\t0:01:39\t1\n")
    assert durations(tmp_path, leave_out="page") == [
        {"rule": "audit", "jobs": 1, "seconds": 20.0, "memory": 0.0},
        {"rule": "train", "jobs": 2, "seconds": 12.5, "memory": 300.25},
        {"rule": "brought (mine)", "jobs": 1, "seconds": 1.5, "memory": 90.0},
        {"rule": "features (resnet18-0123)", "jobs": 1, "seconds": 0.5, "memory": 0.0},
    ]
    # The first two side by side, the third a day later; the page's own job does not count.
    ends = {
        "train/fold0": 100.0,
        "official/train/fold1": 101.0,
        "audit": 90_000.0,
        "brought/mine/001": 90_000.0,
        "backbones/resnet18-0123/001": 95.0,
        "page": 95_000.0,
    }
    for name, end in ends.items():
        os.utime(tmp_path / f"{name}.tsv", (end, end))
    assert wall_time(tmp_path, leave_out="page") == pytest.approx(10.5 + 1 + 20)


def test_the_data_are_called_as_their_folder_and_models_as_their_files():
    config = {**read(REPO / "config.yaml"), "root": "/home/someone/data/Aff-Wild2/"}
    told = describe_run(config, False, RECORDS)
    assert told["Data"].startswith("Aff-Wild2: crops auto; ")
    assert told["Protocol"].startswith("training and validation set merged")
    given = describe_run(config, False, RECORDS, ["/home/someone/run/train/fold0/model.pt"])
    assert given["Models"] == "fold0/model.pt; nothing was trained" and "Training" not in given
    assert "someone" not in str((told, given))


def test_one_set_of_annotations_is_not_called_merged():
    config = read(REPO / "config.yaml")
    config["data"]["validation"] = None
    assert describe_run(config, True, RECORDS)["Protocol"] == "the training set cross-validated"


@pytest.mark.parametrize(
    ("average", "said"),
    [
        ("none", "seed 0"),
        ("ema", "kept is a moving average of the weights, decay 0.9"),
        ("epochs", "kept is the mean of the weights of 5 epochs"),
    ],
)
def test_weights_that_are_kept_are_described(average, said):
    config = read(REPO / "config.yaml")
    config["training"]["average"] = average
    assert describe_run(config, True, RECORDS)["Training"].endswith(said)
