"""Several backbones in the workflow: what is computed where, and what is refused before any job. Dry runs."""

import re

import pytest
import torch
import yaml

from support.paths import TINY
from support.workflow import inputs, jobs, snakemake

pytestmark = pytest.mark.slow

#: A backbone of torchvision's beside the default, twice, and one of timm's.
STREAMS = {
    "other": {"kind": "backbone", "backbone": "resnet18"},
    "again": {"kind": "backbone", "backbone": "resnet18", "batch_size": 4, "width": 8},
    "vit": {"kind": "backbone", "backbone": "timm:test_vit"},
}


@pytest.fixture
def dry_run(checkout, tmp_path):
    """Return a function that plans a run of the tiny demo with these streams."""

    def plan(streams: dict, *arguments: object):
        path = tmp_path / "streams.yaml"
        path.write_text(yaml.safe_dump({"streams": streams}))
        return snakemake(checkout, tmp_path / "run", "--configfile", TINY, path, "--dry-run", *arguments)

    return plan


def markers(run) -> set[str]:
    """Return the folders that the rule features writes to."""
    return set(re.findall(r"results/((?:features|backbones/[^/]+))/batches/", run.text))


def test_streams_with_equal_settings_are_computed_once_wherever_they_stand(dry_run):
    run = dry_run(STREAMS)
    assert run.status == 0, run.text[-4000:]
    (own, timm) = sorted(markers(run) - {"features"})
    assert own.startswith("backbones/resnet18-") and timm.startswith("backbones/timm-test_vit-")
    assert jobs(run)["features"] == 9 and "weights" not in jobs(run)
    # The same features by other names, or as those of a stream whose section spatial is the default.
    named = dry_run({"renamed": STREAMS["other"], "default": {"kind": "backbone"}})
    assert markers(named) == {"features", own}
    # Without the stream of the section spatial, its features are not computed.
    assert markers(dry_run({"appearance": None, "vit": STREAMS["vit"]})) == {timm}


def test_every_backbone_stands_on_the_record_of_its_own_weights(dry_run, tmp_path):
    path = tmp_path / "weights.pth"
    torch.save(torch.nn.Linear(1, 1).state_dict(), path)
    streams = {"other": {"kind": "backbone", "backbone": "convnext_tiny", "weights": "imagenet"}}
    run = dry_run(streams)
    (own,) = markers(run) - {"features"}
    assert jobs(run)["weights"] == 1
    records = {path for path in inputs(run)["features"] if "weights" in path}
    assert records == {f"results/weights/{own.partition('/')[2]}.json"}

    # A file that does not fit is refused, with its keys.
    refused = dry_run({"other": {"kind": "backbone", "backbone": "timm:test_vit", "weights": str(path)}})
    assert refused.status == 1 and not refused.said("rule")
    said = r"^Error: .*weights\.pth should hold a timm:test_vit .*2 left over: bias, weight"
    assert re.search(said, refused.text, re.MULTILINE), refused.text


@pytest.mark.parametrize(
    ("settings", "refusal"),
    [
        ({"backbone": "timm:resnet81"}, r"streams\.other\.backbone should be timm: .* such as timm:resnet"),
        ({"weights": "nowhere.pth"}, r"nowhere\.pth .* set streams\.other\.weights"),
        ({"backbone": "timm:resnet18", "weights": "imagenet"}, r"streams\.other\.weights imagenet is for"),
    ],
)
def test_what_no_backbone_can_do_is_refused_before_the_first_job(dry_run, settings, refusal):
    run = dry_run({"other": {"kind": "backbone", **settings}})
    assert run.status == 1 and not run.said("rule")
    assert re.search(f"^Error: .*{refusal}", run.text, re.MULTILINE), run.text
