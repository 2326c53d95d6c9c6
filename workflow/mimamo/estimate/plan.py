"""The jobs of a run, by rule, as a dry run of Snakemake lists them."""

from __future__ import annotations

import re
import subprocess
import sys
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

import yaml

from mimamo.corpus.layout import FROM_VIDEOS
from mimamo.errors import InputError
from mimamo.estimate.workload import Workload
from mimamo.features.settings import FERPLUS, IMAGENET, RANDOM
from mimamo.jobs.benchmark_files import rules_text
from mimamo.jobs.triggers import TRIGGERS
from mimamo.streams import PAPER, audio_streams, brought_streams


@dataclass(frozen=True)
class Rule:
    """How many jobs a rule has, and whether they run where Snakemake does instead of in the queue."""

    name: str
    jobs: int
    local: bool


def plan(workflow: Path, config: dict, workload: Workload, scratch: Path) -> list[Rule]:
    """Let Snakemake plan a run from nothing, over folders with as many names as the corpus has.

    Parameters
    ----------
    workflow
        The workflow's folder.
    config
        The configuration.
    workload
        The corpus.
    scratch
        An empty folder.

    Returns
    -------
    list[Rule]
        In the order in which they are first mentioned.

    Raises
    ------
    InputError
        Where Snakemake refuses; the message holds the last line of its output.
    """
    settings = scratch / "settings.yaml"
    settings.write_text(
        yaml.safe_dump({**_with_absolute_paths(config), **_placeholder_corpus(workload, config, scratch)})
    )
    command = [sys.executable, "-m", "snakemake", "--dry-run", "--workflow-profile", "none", "--cores", "1"]
    command += ["--rerun-triggers", *TRIGGERS]
    paths = ["--snakefile", workflow / "Snakefile", "--directory", scratch, "--configfile", settings]
    process = subprocess.run([*command, *map(str, paths)], capture_output=True, text=True)
    if process.returncode:
        lines = (process.stdout + process.stderr).strip().splitlines() or ["nothing"]
        raise InputError(f"expected a plan from snakemake --dry-run, found: {lines[-1]}")
    local = local_rules(workflow)
    jobs_by_rule = Counter(re.findall(r"^rule (\w+):$", process.stdout + process.stderr, re.MULTILINE))
    # The default target is listed as a rule too, but runs no job.
    return [Rule(name, jobs, name in local) for name, jobs in jobs_by_rule.items() if name != "all"]


def local_rules(workflow: Path) -> set[str]:
    """Return the rules that run where Snakemake does, which a dry run does not report."""
    pattern = re.compile(r"^ *localrule: True$", re.MULTILINE)
    return {name for name, body in rules_text(workflow).items() if pattern.search(body)}


def _with_absolute_paths(config: dict) -> dict:
    """Return the configuration with paths of models and weights that hold in another folder, too."""
    models, spatial, cropping = config["models"], dict(config["spatial"]), dict(config["cropping"])
    if cropping["detector"] is not None:
        cropping["detector"] = _absolute(cropping["detector"])
    if models is not None:
        models = _absolute(models) if isinstance(models, str) else [_absolute(path) for path in models]
    streams = {name: _with_absolute_weights(settings) for name, settings in config["streams"].items()}
    spatial = _with_absolute_weights(spatial)
    return {**config, "models": models, "spatial": spatial, "cropping": cropping, "streams": streams}


def _with_absolute_weights(settings: dict) -> dict:
    """Return the settings of a backbone with a path of weights that holds in another folder, too."""
    if settings.get("weights") in (None, RANDOM, FERPLUS, IMAGENET):
        return settings
    return {**settings, "weights": _absolute(settings["weights"])}


def _absolute(path: str) -> str:
    """Return the absolute path."""
    return str(Path(path).expanduser().absolute())


def _placeholder_corpus(workload: Workload, config: dict, folder: Path) -> dict:
    """Create annotations and crops, or videos, for as many names as there are; return their configuration."""
    from_videos = config["data"]["crops"] == FROM_VIDEOS
    videos = from_videos or bool(audio_streams(config["streams"]))
    data = {
        "train": "train",
        "validation": "validation",
        "test_list": "test.txt",
        "crops": FROM_VIDEOS if from_videos else ["crops"],
        "videos": ["videos"] if videos else [],
    }
    data |= {"frame_list": None, "sample_list": None, "groups": None}
    names = {
        subset: [f"{subset}{number}" for number in range(count)] for subset, count in workload.names.items()
    }
    annotation = "valence,arousal\n" + "0,0\n" * config["training"]["window"]
    (folder / "crops").mkdir()
    (folder / "videos").mkdir()
    for name in (name for group in names.values() for name in group):
        if videos:
            (folder / f"videos/{name}.mp4").touch()
        if not from_videos:
            (folder / "crops" / name).mkdir()
    for subset in ("train", "validation"):
        (folder / subset).mkdir()
        for name in names[subset]:
            # As long as a window, or training on it would be refused.
            (folder / subset / f"{name}.txt").write_text(annotation)
        if not names[subset]:
            data[subset] = None
    (folder / "test.txt").write_text("".join(f"{name}\n" for name in names["test"]))
    if not names["test"]:
        data["test_list"] = None
    streams = _placeholder_features(
        config["streams"], [name for group in names.values() for name in group], folder
    )
    return {"root": str(folder), "data": {**config["data"], **data}, "streams": streams}


def _placeholder_features(streams: dict, names: list[str], folder: Path) -> dict:
    """Create files of brought features for all names, which nobody reads; return the streams with them."""
    # What is taken out of the default must be said, as the two are merged.
    placed = {**dict.fromkeys(PAPER), **streams}
    for stream, settings in brought_streams(streams).items():
        place = folder / f"features of {stream}"
        place.mkdir()
        for name in names:
            (place / f"{name}.npy").touch()
        # Rows at a rate would need videos.
        placed[stream] = {**settings, "folder": str(place), "rows": "frames"}
    return placed
