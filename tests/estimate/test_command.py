"""What a run will take: jobs as Snakemake plans them, hours from measured rates."""

import json
import re

import pytest
import yaml

from mimamo.cli import main
from mimamo.estimate.rates import FinishedRun
from mimamo.storage.frame_cache import feature_dtype, phase_dtype
from support.paths import TINY
from support.raw_videos import FRAMES, SETTINGS, make_raw_corpus
from support.skeleton import make_skeleton
from support.workflow import jobs, snakemake

RATES = {"ResNet-50 features": 5000.0, "training": 40000.0, "prediction": 90000.0}


@pytest.fixture
def rates(tmp_path):
    """A benchmark's file of a machine with a GPU; a stage's slowest rate counts."""
    rows = [
        {"stage": stage, "what": "", "value": 1.0, "unit": "×", "rate": factor * rate}
        for stage, rate in RATES.items()
        for factor in (1, 2)
    ]
    path = tmp_path / "bench.json"
    path.write_text(
        json.dumps({"machine": {"gpu": "Some GPU"}, "rows": [*rows, {"stage": "start", "rate": None}]})
    )
    return path


@pytest.fixture
def estimate(repo, tiny, rates, capsys):
    """The command with a finished run and a benchmark; returns what it says."""

    def run(*arguments: object, results: object = tiny.results) -> str:
        given = ["--configfile", repo / "presets/affwild2.yaml", "--results", results, "--rates", rates]
        assert main(["estimate", *map(str, [*given, *arguments])]) == 0
        return capsys.readouterr().out

    return run


def row(text: str, rule: str) -> list[str]:
    (line,) = re.findall(rf"^{rule} .*$", text, re.MULTILINE)
    return line.split()


def test_jobs_are_those_that_snakemake_plans(estimate, checkout, repo, tmp_path):
    root = tmp_path / "Aff-Wild2"
    root.mkdir()
    names = make_skeleton(root, 600)
    said = estimate("--root", root)
    options = ["--configfile", checkout / "presets/affwild2.yaml", "--config", f"root={root}", "--dry-run"]
    planned = jobs(snakemake(checkout, tmp_path / "run", *options))
    del planned["all"]
    assert {rule: int(row(said, rule)[1]) for rule in planned} == planned
    counted = ", ".join(f"{len(names[subset])} {subset}" for subset in ("train", "validation", "test"))
    assert said.startswith(f"600 names ({counted}), 0 crops: counted in {root}.")
    # What runs where Snakemake does is not submitted.
    local = re.findall(
        r"rule (\w+):(?:(?!rule )[\s\S])*?localrule: True",
        "".join(path.read_text() for path in sorted((repo / "rules").glob("*.smk"))),
    )
    submitted = sum(count for rule, count in planned.items() if rule not in local)
    assert f"{sum(planned.values())} jobs, of which {submitted} would be submitted" in said
    assert submitted < sum(planned.values()) < 150


def test_affwild2_is_reckoned_from_the_given_rates_and_the_finished_run(estimate, tiny, rates):
    said = estimate("--gpus", 5)
    assert "561 names (351 train, 71 validation, 139 test), 2,647,921 crops: Aff-Wild2" in said
    crops, fitted, test = 2_647_921, 1_932_935, 714_986
    _, count, _, gpu_hours, _, source = row(said, "features")[:6]
    start = FinishedRun.read(tiny.results).start
    expected = (crops / 5000 + int(count) * start) / 3600
    assert float(gpu_hours) == pytest.approx(expected, abs=0.006) and source == f"{rates},"
    # Five folds, 25 epochs: four fifths of the frames, 15 % of which are stopped by; windows overlap by half.
    side = 5 * 25 * fitted * 0.8
    expected = (side * 0.85 * 2 / 40000 + side * 0.15 / 90000 + 5 * start) / 3600
    assert float(row(said, "train")[3]) == pytest.approx(expected, abs=0.006)
    for rule, frames in (("predict", fitted / 5), ("predict_test", test)):
        expected = (5 * frames / 90000 + 5 * start) / 3600
        assert float(row(said, rule)[3]) == pytest.approx(expected, abs=0.006)
    assert row(said, "phase")[4:] == ["at", "most,", "by", "benchmarks", "in", str(tiny.results)]
    assert (
        "A run of a second size shows it: make rehearsal" in said and "The largest finished run has" in said
    )
    each = [f"phase differences {crops * phase_dtype().itemsize / 1e9:.1f}"]
    each += [f"features {crops * feature_dtype(2048).itemsize / 1e9:.1f}"]
    assert all(words in said for words in each)


@pytest.mark.slow
def test_rehearsals_beside_a_run_tell_what_does_not_grow(estimate, tiny, rehearsed, tmp_path):
    folder, _ = rehearsed
    results = tmp_path / "results"
    results.mkdir()
    for path in tiny.results.iterdir():
        (results / path.name).symlink_to(path)
    (results / "rehearsal").symlink_to(folder)
    said = estimate(results=results)
    lines = [line.split("  ") for line in said.splitlines() if line.endswith(" crops")]
    assert {"figures", "page", "labels", "phase"} < {line[0] for line in lines}
    assert all(line[-1].startswith("benchmarks of 2 runs, ") for line in lines)
    # There are about as many names in both.
    unsure = {line.split()[0] for line in said.splitlines() if " at most, by benchmarks " in line}
    assert unsure == {"audit_table", "doctor_page", "caches"}


def test_given_models_and_weights_are_found_by_relative_paths(tiny, rates, tmp_path, monkeypatch, capsys):
    """As anybody gives them who calls the command beside them."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "results").symlink_to(tiny.results)
    (tmp_path / "weights.pt").touch()
    models = [f"results/train/fold{fold}/model.pt" for fold in (0, 1)]
    common = ["estimate", "--rates", str(rates), "--configfile", str(TINY), "settings.yaml"]
    for given, rule, count in (
        ({"models": "results/train"}, "predict_test", "2"),
        ({"models": models}, "predict_test", "2"),
        ({"spatial": {"weights": "weights.pt"}}, "weights", "1"),
    ):
        (tmp_path / "settings.yaml").write_text(yaml.safe_dump(given))
        assert main(common) == 0
        said = capsys.readouterr().out
        assert row(said, rule)[1] == count
        # Models predict test names, and nothing is trained.
        assert said.startswith(
            "139 names (0 train, 0 validation, 139 test)" if "models" in given else "561 names"
        )
        assert ("\ntrain " in said) is ("models" not in given)


@pytest.mark.slow
def test_networks_are_measured_here_at_the_configured_sizes_where_that_is_asked_for(repo, tiny, capsys):
    config = ["--configfile", str(TINY)]
    assert main(["estimate", *config, "--results", str(tiny.results), "--card", "here"]) == 0
    said = capsys.readouterr().out
    for rule in ("features", "train", "predict", "predict_test"):
        assert "2 steps of the configured network, here (" in said.split(f"\n{rule} ")[1].splitlines()[0]
        assert float(row(said, rule)[2]) > 0


def test_crops_that_are_made_from_videos_are_counted_by_the_frames_of_these(estimate, tmp_path):
    root = make_raw_corpus(tmp_path / "raw", ["ann", "ben"], ["later"])
    settings = tmp_path / "settings.yaml"
    settings.write_text(yaml.safe_dump({"data": SETTINGS, "batch_names": 2, "folds": {"count": 2}}))
    said = estimate("--root", root, "--configfile", settings)
    assert f"5 names (2 train, 2 validation, 1 test), {5 * FRAMES:,} crops: counted in {root}." in said
    cells = row(said, "crops")
    assert cells[1] == "3" and float(cells[3]) == 0
    assert "60 frames of 320 by 240 pixels, here (CPU, 1 thread)" in said
