"""Description of a run: data, weights, settings, versions, and durations of its rules."""

from __future__ import annotations

import platform
from collections.abc import Mapping, Sequence
from importlib.metadata import PackageNotFoundError, version
from os import PathLike
from pathlib import Path

from mimamo import __version__
from mimamo.jobs.benchmark_files import Benchmark, read_benchmarks
from mimamo.provenance.record import portable

#: The packages that results depend on.
PACKAGES = ("torch", "torchvision", "numpy", "scipy", "pandas", "opencv-python-headless", "pyrtools")


def describe_run(
    config: Mapping, demo: bool, records: Mapping[str, Mapping], models: Sequence[str] = ()
) -> dict[str, str]:
    """Describe in a few lines what was run.

    Parameters
    ----------
    config
        The whole configuration.
    demo
        Whether the corpus is the rendered one.
    records
        By stream, what the features of backbones were computed with, see `mimamo.features.record`.
    models
        The paths of the models, where they were given instead of trained.

    Returns
    -------
    dict
        Text by heading.
    """
    return {
        "Data": _describe_data(config, demo),
        "Spatial weights": _describe_weights(records),
        **(_describe_models(models) if models else _describe_training(config)),
        "After prediction": _describe_postprocessing(config),
        "Versions": versions(),
    }


def _describe_postprocessing(config: Mapping) -> str:
    """Describe ensemble, smoothing, label delay and gap policy."""
    steps = config["postprocessing"]
    delay = "shifted by the label delay" if steps["delay"] else "no label delay"
    smoothing = steps["smoothing"].replace("_", " ")
    return (
        f"ensemble by {steps['ensemble']}, smoothing: {smoothing}, {delay}, "
        f"gaps filled by policy {config['gaps']['policy']}"
    )


def _describe_models(models: Sequence[str]) -> dict[str, str]:
    """Describe the given models, without the folders of this machine."""
    return {"Models": ", ".join("/".join(Path(path).parts[-2:]) for path in models) + "; nothing was trained"}


def _describe_training(config: Mapping) -> dict[str, str]:
    """Describe protocol, folds, network and training."""
    training, network, folds = config["training"], config["network"], config["folds"]
    return {
        "Protocol": _describe_protocol(config["protocol"], config["data"]),
        "Folds": f"{folds['count']}, over groups of names that may show one person; "
        + (
            f"{folds['stop_fraction']:.0%} of the training side is used for early stopping"
            if folds["stop_fraction"]
            else "all of the training side is trained on, and the last epoch is kept"
        ),
        "Network": f"streams: {', '.join(config['streams'])}; {network['differences']} phase differences "
        f"around each frame; head over time: {network['head']}; windows of {training['window']} frames",
        "Training": f"{training['optimiser']}, learning rate {training['learning_rate']:g} "
        f"({training['schedule'].replace('_', ' ')}), at most {training['epochs']} epochs of batches of "
        f"{training['batch_size']} windows, seed {training['seed']}{_describe_average(training)}",
    }


def _describe_average(training: Mapping) -> str:
    """Describe which average of weights is kept; nothing where there is none."""
    return {
        "none": "",
        "ema": f"; kept is a moving average of the weights, decay {training['average_decay']:g}",
        "epochs": f"; kept is the mean of the weights of {training['average_epochs']} epochs",
    }[training["average"]]


def _describe_protocol(protocol: str, data: Mapping) -> str:
    """Describe what is cross-validated and what is held out."""
    if None in (data["train"], data["validation"]):
        return f"the {'training' if data['validation'] is None else 'validation'} set cross-validated"
    return {
        "merged": "training and validation set merged and cross-validated",
        "official": "the training set cross-validated, the official validation set held out",
        "both": "both sets merged and cross-validated, and once more with the validation set held out",
    }[protocol]


def _describe_data(config: Mapping, demo: bool) -> str:
    """Describe the corpus: the demo's settings, or the data set's folder and where its parts lie in it.

    Paths of the machine are reduced to their last component.
    """
    if demo:
        corpus = config["demo"]
        return f"the rendered demo corpus, {corpus['frames']} frames a clip, seed {corpus['seed']}"
    places = {key: place if isinstance(place, list) else [place] for key, place in config["data"].items()}
    parts = [
        f"{key.replace('_', ' ')} {', '.join(map(str, portable(place)))}"
        for key, place in places.items()
        if place not in ([], [None])
    ]
    return f"{Path(config['root']).expanduser().resolve().name}: {'; '.join(parts)}"


def _describe_weights(records: Mapping[str, Mapping]) -> str:
    """Describe the backbones, their weights and their input."""
    if not records:
        return "none, as no stream is one of a backbone"
    described = {stream: _describe_backbone(record) for stream, record in records.items()}
    if len(described) == 1:
        return next(iter(described.values()))
    return "; ".join(f"{stream}: {text}" for stream, text in described.items())


def _describe_backbone(record: Mapping) -> str:
    """Describe one backbone, its weights and its input."""
    digest = f", SHA-256 {record['sha256'][:12]}…" if record["sha256"] else ""
    side = record["input_size"]
    return f"{record['backbone']}, {record['name']}, input {side} × {side}{digest}"


def versions() -> str:
    """List the installed versions of this package, of Python and of what results depend on."""
    entries = [f"mimamo {__version__}", f"Python {platform.python_version()}"]
    for package in PACKAGES:
        try:
            entries.append(f"{package} {version(package)}")
        except PackageNotFoundError:
            # Not every environment of a rule has them all.
            continue
    return ", ".join(entries)


def durations(benchmarks: str | PathLike, leave_out: str) -> list[dict[str, object]]:
    """Sum up Snakemake's benchmarks of every rule, for streams of their own by stream.

    Parameters
    ----------
    benchmarks
        The folder of the benchmark files, see `mimamo.jobs.benchmark_files`.
    leave_out
        The rule that makes the page; its own benchmark is from an earlier run.

    Returns
    -------
    list of dict
        rule, jobs, seconds of all its jobs together, and the memory of the largest in MB; longest first.
    """
    rows: dict[str, dict[str, object]] = {}
    for job in _jobs(benchmarks, leave_out):
        row = rows.setdefault(job.title, {"rule": job.title, "jobs": 0, "seconds": 0.0, "memory": 0.0})
        row["jobs"] += 1
        row["seconds"] += job.seconds
        row["memory"] = max(row["memory"], job.peak / 2**20)
    return sorted(rows.values(), key=lambda row: -row["seconds"])


def wall_time(benchmarks: str | PathLike, leave_out: str) -> float:
    """Return the seconds during which some job ran.

    Parameters
    ----------
    benchmarks, leave_out
        As for `durations`. Jobs on different days, as of a run that was continued, count without the time
        between them.
    """
    spans = [(job.end - job.seconds, job.end) for job in _jobs(benchmarks, leave_out)]
    total, reached = 0.0, float("-inf")
    for start, end in sorted(spans):
        total += max(0.0, end - max(start, reached))
        reached = max(reached, end)
    return total


def _jobs(benchmarks: str | PathLike, leave_out: str) -> list[Benchmark]:
    """Return what was measured of every job but those of one rule."""
    return [job for job in read_benchmarks(Path(benchmarks)) if job.rule != leave_out]
