"""What was run: data, weights, settings, versions, and how long it took."""

from __future__ import annotations

import csv
import json
import platform
from collections.abc import Mapping
from importlib.metadata import PackageNotFoundError, version
from os import PathLike
from pathlib import Path

from mimamo import __version__

#: The packages that results depend on.
PACKAGES = ("torch", "torchvision", "numpy", "scipy", "pandas", "opencv-python-headless", "pyrtools")


def facts(config: Mapping, demo: bool, weights: str | PathLike | None) -> dict[str, str]:
    """Say in a few lines what was run.

    Parameters
    ----------
    config
        The whole configuration.
    demo
        Whether the corpus is the rendered one.
    weights
        The record of the spatial weights beside the features; None where there is none.

    Returns
    -------
    dict
        Text by heading.
    """
    training, network, folds = config["training"], config["network"], config["folds"]
    return {
        "Data": _data(config, demo),
        "Spatial weights": _weights(config, weights),
        "Folds": f"{folds['count']}, over groups of names that may show one person; "
        f"{folds['stop_fraction']:.0%} of the training side decides when to stop",
        "Network": f"streams: {training['streams']}; {network['differences']} phase differences around each "
        f"frame; GRU of {network['recurrent_width']} in both directions over windows of {training['window']} "
        "frames",
        "Training": f"{training['optimiser']}, learning rate {training['learning_rate']:g} "
        f"({training['schedule'].replace('_', ' ')}), at most {training['epochs']} epochs of batches of "
        f"{training['batch_size']} windows, seed {training['seed']}",
        "Gaps": f"policy {config['gaps']['policy']}",
        "Versions": versions(),
    }


def _data(config: Mapping, demo: bool) -> str:
    if demo:
        corpus = config["demo"]
        return f"the rendered demo corpus, {corpus['frames']} frames a clip, seed {corpus['seed']}"
    return str(config["root"])


def _weights(config: Mapping, record: str | PathLike | None) -> str:
    if record is None or not Path(record).is_file():
        return str(config["spatial"]["weights"])
    told = json.loads(Path(record).read_text(encoding="utf-8"))
    size = f", input {told['input_size']} × {told['input_size']}" if "input_size" in told else ""
    digest = f", SHA-256 {told['sha256'][:12]}…" if told.get("sha256") else ""
    return f"{told.get('name', config['spatial']['weights'])}{size}{digest}"


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


def durations(benchmarks: str | PathLike, leave_out: str) -> list[dict[str, object]]:
    """Read what Snakemake measured of every rule.

    Parameters
    ----------
    benchmarks
        The folder with ``<rule>.tsv`` and ``<rule>/<wildcard>.tsv``.
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
        rule = path.relative_to(folder).parts[0].removesuffix(".tsv")
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
