"""Streams in a whole run: the documentation's recipe, what is done again, and prediction of crops."""

import json
import os
import re
import shutil
import subprocess
import sys

import numpy as np
import pytest
import yaml

from mimamo.storage.files import read_csv
from support.paths import REPO, TINY
from support.workflow import environment, jobs, snakemake

pytestmark = pytest.mark.slow

TARGETS = [
    f"results/{part}/fold{fold}.csv" for part in ("predictions", "test_predictions") for fold in (0, 1)
]


def blocks(language: str) -> list[str]:
    """Return the blocks of a language in the documentation."""
    text = (REPO / "docs/streams.md").read_text(encoding="utf-8")
    return re.findall(rf"```{language}\n(.*?)```", text, re.DOTALL)


@pytest.fixture
def run(checkout, finished_run):
    """Follow the recipe in a copy of the tiny run; return a function that runs its configuration."""
    (recipe,) = blocks("python")
    assert len([line for line in recipe.splitlines() if line]) <= 10
    (finished_run / "features.py").write_text(recipe)
    subprocess.run([sys.executable, "features.py"], cwd=finished_run, check=True)
    settings = finished_run / "my_streams.yaml"
    settings.write_text(blocks("yaml")[1])

    def call(*options: str, targets=TARGETS):
        return snakemake(checkout, finished_run, *targets, "--configfile", TINY, settings, *options)

    return call


def test_the_recipe_works_as_it_is_written_and_only_what_it_adds_is_computed(run, checkout, finished_run):
    assert (
        yaml.safe_load(blocks("yaml")[0])["streams"]
        == yaml.safe_load((REPO / "config.yaml").read_text())["streams"]
    )
    planned = jobs(run("--dry-run"))
    assert planned["brought"] == 3 and planned["train"] == 2
    # Neither phase differences nor the backbone's features depend on what else the network sees.
    assert not {"phase", "features", "labels", "folds"} & planned.keys()
    done = run()
    assert done.status == 0, done.text[-4000:]
    record = json.loads((finished_run / "results/brought/mine/105.json").read_text())
    assert list(record["files"]) == ["my_features/105.npz"]
    assert "Nothing to be done" in run("--dry-run").text

    # A file that changes without changing its date or size is seen, and other bytes alone are a change.
    path = finished_run / "my_features/105.npz"
    before, content = path.stat(), path.read_bytes()
    path.write_bytes(content)
    os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))
    assert "Nothing to be done" in run("--dry-run").text
    path.write_bytes(bytes([*content[:-40], content[-40] ^ 1, *content[-39:]]))
    os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))
    assert jobs(run("--dry-run"))["brought"] == 1
    path.write_bytes(content)

    # Predicting the same crops by command gives what the workflow predicts, and says what is missing.
    crops = finished_run / "results/demo/corpus/cropped_aligned/144"
    command = [sys.executable, "-m", "mimamo", "predict", str(crops), "--out", "out.csv", "--models"]
    command += sorted(map(str, (finished_run / "results/train").glob("fold*/model.pt")))
    place = {"cwd": finished_run, "env": environment(checkout), "capture_output": True, "text": True}
    missing = subprocess.run(command, **place)
    assert missing.returncode == 1 and "give their folders with --features mine=FOLDER" in missing.stderr
    told = subprocess.run([*command, "--features", "mine=my_features"], **place)
    assert told.returncode == 0, told.stderr
    ours = read_csv(finished_run / "out.csv").query("source == 'predicted'")
    theirs = [read_csv(finished_run / target).query("name == '144'") for target in TARGETS[2:]]
    for dimension in ("valence", "arousal"):
        mean = np.clip(np.mean([table[dimension] for table in theirs], axis=0), -1, 1)
        np.testing.assert_allclose(ours[dimension], mean, atol=1e-4)

    # A name whose file is gone is masked; without any file there is nothing to begin with.
    path.unlink()
    assert jobs(run("--dry-run"))["brought"] == 1
    shutil.rmtree(finished_run / "my_features")
    refused = run("--dry-run")
    assert (
        refused.status and "my_features: expected a folder of features, found nothing there" in refused.text
    )


def test_sound_becomes_a_stream_and_only_what_it_changes_is_computed(checkout, finished_run):
    settings = finished_run / "my_sound.yaml"
    settings.write_text(blocks("yaml")[2])

    def run(*options: str):
        target = "results/predictions/fold0.csv"
        return snakemake(checkout, finished_run, target, "--configfile", TINY, settings, *options)

    planned = jobs(run("--dry-run"))
    # The audit looks for sound; crops and other streams stay as they are.
    assert (planned["audio"], planned["audit"], planned["train"]) == (2, 2, 1)
    assert not {"demo", "phase", "features", "labels", "folds"} & planned.keys()
    done = run()
    assert done.status == 0, done.text[-4000:]
    assert "Nothing to be done" in run("--dry-run").text

    def cached(name: str) -> np.ndarray:
        return np.load(finished_run / f"results/audio/voice/{name}.npy")

    assert cached("105")["present"].all() and (cached("105")["pool5"] > -100).any()
    assert cached("video58")["present"].all() and (cached("video58")["pool5"] == -100).all()
    assert not cached("130-30-160x120")["present"].any() and not cached("130-30-160x120")["pool5"].any()
    # Both people of a video hear the same.
    left, right = (cached(f"12-24-320x120_{side}") for side in ("left", "right"))
    shared, of_left, of_right = np.intersect1d(left["frame"], right["frame"], return_indices=True)
    assert len(shared) > 40 and np.array_equal(left["pool5"][of_left], right["pool5"][of_right])
    audit = json.loads((finished_run / "results/audit/names/130-30-160x120.json").read_text())
    assert "expected sound for streams.voice, found none in it" in audit["row"]["reason"]

    # What decides the values makes them anew, what the encoder is of does not.
    same = jobs(run("--dry-run", "--config", "streams={voice: {kind: audio, width: 8}}"))
    assert same["train"] == 1 and not {"audio", "audit"} & same.keys()
    other = jobs(run("--dry-run", "--config", "streams={voice: {kind: audio, bands: 40}}"))
    assert other["audio"] == 2 and other["train"] == 1 and "audit" not in other
