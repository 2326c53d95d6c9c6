"""What comes with the project for an estimate on a machine without a GPU or a finished run."""

import re
from dataclasses import asdict
from typing import get_args

import pytest
import yaml

from mimamo.bench.rehearsal.stand_in import plan
from mimamo.cli import main
from mimamo.cli.runs import Card
from mimamo.estimate.command import HERE, configured
from mimamo.estimate.costs import disk
from mimamo.estimate.rates import NETWORKS
from mimamo.estimate.shipped import FILE, USUAL, card_names, card_rate, shipped_runs
from mimamo.estimate.workload import AFFWILD2
from mimamo.features.backbone import feature_width
from mimamo.jobs.benchmark_files import rules_text


@pytest.fixture
def affwild2(repo) -> dict:
    """The configuration of the preset, whose networks are those that were measured."""
    return configured([repo / "config.yaml", repo / "presets/affwild2.yaml"], None)


def row(text: str, rule: str) -> list[str]:
    (line,) = re.findall(rf"^{rule} .*$", text, re.MULTILINE)
    return line.split(maxsplit=5)


def test_a_laptop_without_a_run_is_told_gpu_hours_and_disk_and_where_each_number_is_from(
    repo, tmp_path, monkeypatch, capsys
):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("mimamo.estimate.command._has_gpu", lambda: False)
    assert main(["estimate", "--configfile", str(repo / "presets/affwild2.yaml")]) == 0
    said = capsys.readouterr().out
    start = min(run.start for run in shipped_runs())
    _, _, cpu, gpu, _, source = row(said, "train")
    # Five folds, 25 epochs: four fifths of the frames, 15 % of which are stopped by; windows overlap by half.
    side, factor = 5 * 25 * 1_932_935 * 0.8, 3.35 / 4.8
    seconds = side * 0.85 * 2 / (factor * 112_000) + side * 0.15 / (factor * 59_800) + 5 * start
    assert float(gpu) == pytest.approx(seconds / 3600, abs=0.006) and float(cpu) == pytest.approx(
        8 * seconds / 3600, abs=0.05
    )
    assert source.startswith("not measured: 0.70 (ratio of memory bandwidth) of 112,000/s on an NVIDIA H200")
    assert "964/s by the rule's one process" in row(said, "features")[-1]
    assert said.count("2 rehearsals in docs/rehearsal.md") > 15
    assert "Disk: 41.8 GB: phase differences 30.5, features 10.9" in said
    assert "There is no GPU here: GPU hours are those of an NVIDIA H100 (80 GB)" in said
    assert re.search(r"H200 \(141 GB\) [\d.]+ \(--card h200\), .* RTX 4090 .*\(--card rtx4090\)", said)
    # No number of a rule stands without what it is from.
    rules = said.split("rate from\n")[1].split("\nall ")[0].splitlines()
    assert len(rules) > 20 and all(re.search(r"\d  \S.*[a-z]", line) for line in rules)


def test_a_named_card_is_taken_whatever_is_here(repo, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("mimamo.estimate.command._has_gpu", lambda: True)
    assert main(["estimate", "--configfile", str(repo / "presets/affwild2.yaml"), "--card", "h200"]) == 0
    said = capsys.readouterr().out
    assert row(said, "train")[-1].startswith("measured on one NVIDIA H200 (141 GB), recorded steps")
    assert "There is no GPU here" not in said and "No GPU was measured" not in said


def test_what_was_not_measured_on_a_card_is_taken_by_the_smaller_ratio_of_its_specifications(affwild2):
    rate = card_rate("rtx4090", "train", affwild2)
    assert rate.frames_a_second == pytest.approx(112_000 * 165.2 / 989)
    assert rate.source.startswith("not measured: 0.17 (ratio of bfloat16 throughput) of 112,000/s")
    # Of the measured cards the first: the H100 is the nearer one where it was measured.
    assert "H100" in card_rate("rtx4090", "features", affwild2).source
    assert card_rate("h200", "predict", affwild2).frames_a_second == 59_800


def test_features_are_no_faster_than_their_crops_are_read(affwild2):
    rate = card_rate("h100", "features", affwild2)
    assert rate.frames_a_second == 7710 / 8 and "the network alone: 11,233/s, measured" in rate.source


def test_rates_of_other_networks_than_the_configured_ones_are_said_to_be(affwild2):
    rules = {rule: card_rate(USUAL, rule, affwild2).source for rule in NETWORKS}
    assert not any("not of this configuration" in source for source in rules.values())
    affwild2["spatial"] |= {"backbone": "convnext_tiny", "input_size": 112}
    affwild2["network"]["temporal_channels"] = [8, 16, 32]
    affwild2["training"]["batch_size"] = 8
    said = {rule: card_rate(USUAL, rule, affwild2).source.partition("which has ")[2] for rule in NETWORKS}
    assert said == {
        "features": "backbone convnext_tiny, input_size 112",
        "train": "temporal_channels [8, 16, 32], batch_size 8",
        "predict": "temporal_channels [8, 16, 32]",
    }


def test_every_measured_rate_has_its_date_commit_and_way():
    content = yaml.safe_load(FILE.read_text())
    entries = [entry for card in content["cards"].values() for entry in card["measured"].values()]
    assert len(entries) == 4 and content["cards"]["rtx4090"]["measured"] == {}
    for entry in [*entries, content["reading"]]:
        assert entry["rate"] > 1000 and entry["how"] and str(entry["date"]) >= "2026-11-23"
        assert re.fullmatch("[0-9a-f]{7}", entry["commit"])
    assert set(get_args(Card)) == {*card_names(), HERE}


def test_the_rehearsals_are_those_of_the_documentation(repo):
    document = (repo / "docs/rehearsal.md").read_text()
    entries = yaml.safe_load(FILE.read_text())["rehearsals"]
    for size, entry, run in zip((0.05, 0.2), entries, shipped_runs(), strict=True):
        text = document.split(f"**`SIZE={size}`**")[1].split("Per million crops")[0]
        assert f"{run.workload.count} names, {run.workload.crops:,} crops" in text
        seen = [video for video in plan(size, 0) if video.subset == "test"]
        assert run.workload.test == sum(int(video.seen.sum()) for video in seen)
        for rule, numbers in entry["rules"].items():
            (cells,) = re.findall(rf"^\| {rule} \| (\S+) \| (\S+) \| (\S+) \|", text, re.MULTILINE)
            assert [float(cell.replace(",", "")) for cell in cells] == numbers, rule
        assert run.seconds.keys() <= rules_text().keys() and asdict(run)["bytes_a_frame"] > 100


@pytest.mark.parametrize(
    ("backbone", "width"), [("resnet50", 2048), ("resnet18", 512), ("convnext_tiny", 768)]
)
def test_features_take_the_disk_of_the_configured_backbone(affwild2, backbone, width):
    affwild2["spatial"]["backbone"] = backbone
    sizes = disk([], affwild2, AFFWILD2, shipped_runs())
    # A frame's number, and half-precision values.
    assert sizes["features"] == AFFWILD2.crops * (4 + 2 * width) and feature_width(backbone) == width
