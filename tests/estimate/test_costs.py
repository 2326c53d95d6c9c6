import yaml

from mimamo.estimate.costs import Cost, frames_of
from mimamo.estimate.plan import Rule
from mimamo.estimate.workload import Workload


def test_hours_are_those_of_all_rounds_of_jobs():
    cost = Cost(Rule("phase", 24, False), 24 * 3600.0, threads=2, gpus=0, source="")
    assert cost.cpu_hours == 48 and cost.gpu_hours == 0
    assert cost.hours(jobs=50, gpus=1) == 1 and cost.hours(jobs=10, gpus=1) == 3
    double = Cost(Rule("train", 5, False), 5 * 3600.0, threads=1, gpus=2, source="")
    assert double.gpu_hours == 10 and double.hours(jobs=50, gpus=4) == 3


def test_a_merely_finer_hop_takes_longer():
    config = yaml.safe_load(
        "{folds: {count: 5, stop_fraction: 0.1}, training: {epochs: 1, window: 64, hop: 32}}"
    )
    frames = frames_of("train", config, Workload({}, 1000, 0, ""), 5)["train"]
    config["training"]["hop"] = 16
    assert frames_of("train", config, Workload({}, 1000, 0, ""), 5)["train"] == 2 * frames == 2 * 7200


def test_every_frame_of_the_videos_becomes_a_crop_once():
    workload = Workload({}, 1000, 200, "")
    assert frames_of("crops", {"training": {}, "folds": {}}, workload, 3) == {"crops": 1200}
