"""What was run: data, weights, settings, versions, and how long it took."""

from __future__ import annotations

import csv
import platform
import re
from collections.abc import Mapping
from importlib.metadata import PackageNotFoundError, version
from os import PathLike
from pathlib import Path

from mimamo import __version__

#: The packages that results depend on.
PACKAGES = ("torch", "torchvision", "numpy", "scipy", "pandas", "opencv-python-headless", "pyrtools")


def facts(config: Mapping, demo: bool, weights: Mapping) -> dict[str, str]:
    """Say in a few lines what was run.

    Parameters
    ----------
    config
        The whole configuration.
    demo
        Whether the corpus is the rendered one.
    weights
        The record of what the features were computed with, see `mimamo.features.record`.

    Returns
    -------
    dict
        Text by heading.
    """
    training, network, folds = config["training"], config["network"], config["folds"]
    return {
        "Protocol": _protocol(config["protocol"]),
        "Data": _data(config, demo),
        "Spatial weights": _weights(weights),
        "Folds": f"{folds['count']}, over groups of names that may show one person; "
        f"{folds['stop_fraction']:.0%} of the training side decides when to stop",
        "Network": f"streams: {training['streams']}; {network['differences']} phase differences around each "
        f"frame; head over time: {network['head']}; windows of {training['window']} frames",
        "Training": f"{training['optimiser']}, learning rate {training['learning_rate']:g} "
        f"({training['schedule'].replace('_', ' ')}), at most {training['epochs']} epochs of batches of "
        f"{training['batch_size']} windows, seed {training['seed']}",
        "After prediction": ", ".join(
            [
                *(f"{key} {value}" for key, value in config["postprocessing"].items()),
                f"gaps {config['gaps']['policy']}",
            ]
        ).replace("_", " "),
        "Versions": versions(),
    }


def _protocol(protocol: str) -> str:
    return {
        "merged": "training and validation set merged and cross-validated",
        "official": "the training set cross-validated, the official validation set held out",
        "both": "both sets merged and cross-validated, and once more with the validation set held out",
    }[protocol]


def _data(config: Mapping, demo: bool) -> str:
    if demo:
        corpus = config["demo"]
        return f"the rendered demo corpus, {corpus['frames']} frames a clip, seed {corpus['seed']}"
    return str(config["root"])


def _weights(record: Mapping) -> str:
    digest = f", SHA-256 {record['sha256'][:12]}…" if record["sha256"] else ""
    side = record["input_size"]
    return f"{record['backbone']}, {record['name']}, input {side} × {side}{digest}"


def versions() -> str:
    """Say the versions of this package, of Python and of what results depend on, as installed here."""
    found = [f"mimamo {__version__}", f"Python {platform.python_version()}"]
    for package in PACKAGES:
        try:
            found.append(f"{package} {version(package)}")
        except PackageNotFoundError:
            # Not every environment of a rule has them all.
            continue
    return ", ".join(found)


#: A batch or a fold, which has a file below its rule's name.
_WILDCARD = re.compile(r"fold\d+|\d+")


def durations(benchmarks: str | PathLike, leave_out: str) -> list[dict[str, object]]:
    """Read what Snakemake measured of every rule.

    Parameters
    ----------
    benchmarks
        The folder with ``<rule>.tsv`` and ``<rule>/<wildcard>.tsv``, and the same below the name of a run.
    leave_out
        The rule that asks; what is there of it is from an earlier run.

    Returns
    -------
    list of dict
        rule, jobs, seconds of all its jobs together, and the memory of the largest in MB; longest first.
    """
    rows: dict[str, dict[str, object]] = {}
    folder = Path(benchmarks)
    for path in sorted(folder.rglob("*.tsv")):
        rule = path.parent.name if _WILDCARD.fullmatch(path.stem) else path.stem
        if rule == leave_out:
            continue
        with open(path, encoding="utf-8", newline="") as handle:
            measured = list(csv.DictReader(handle, delimiter="\t"))
        row = rows.setdefault(rule, {"rule": rule, "jobs": 0, "seconds": 0.0, "memory": 0.0})
        row["jobs"] += 1
        row["seconds"] += sum(_measure(line["s"]) for line in measured)
        row["memory"] = max([row["memory"], *(_measure(line["max_rss"]) for line in measured)])
    return sorted(rows.values(), key=lambda row: -row["seconds"])


def _measure(text: str) -> float:
    """Read what Snakemake measured; it writes a dash or NA where a job was too short to measure."""
    return float(text) if text.replace(".", "", 1).isdigit() else 0.0


def in_words(seconds: float) -> str:
    """Say a duration with one or two units."""
    if seconds < 100:
        return f"{seconds:.0f} s"
    minutes = round(seconds / 60)
    if minutes < 100:
        return f"{minutes} min"
    return f"{minutes // 60} h {minutes % 60} min" if minutes < 6000 else f"{minutes / 1440:.1f} days"
