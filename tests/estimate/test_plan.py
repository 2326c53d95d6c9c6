"""The plan of a run with streams beside the paper's, over a corpus that nobody has."""

from pathlib import Path

from mimamo.config import complete_config
from mimamo.estimate.costs import disk
from mimamo.estimate.plan import plan
from mimamo.estimate.rates import FinishedRun
from mimamo.estimate.workload import Workload
from support.configuration import read
from support.paths import REPO


def test_sound_is_planned_with_containers_that_nobody_reads(tmp_path):
    config = read(REPO / "config.yaml")
    config["streams"]["voice"] = {"kind": "audio", "bands": 40}
    complete_config(config, REPO)
    workload = Workload({"train": 10, "validation": 5, "test": 5}, 1000, 500, "nowhere")
    found = {rule.name: rule.jobs for rule in plan(REPO, config, workload, tmp_path)}
    assert found["audio"] == found["phase"] == found["features"] == 3
    run = FinishedRun(Path("nowhere"), workload, {"train": [1.0]}, 10.0)
    assert disk([], config, workload, [run])["voice"] == 1500 * (4 + 2 + 2 * 40)
