"""Cost of each rule, disk space, and the estimate as text."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from mimamo.estimate.growth import growth_of
from mimamo.estimate.plan import Rule
from mimamo.estimate.rates import FinishedRun, Rate
from mimamo.estimate.widths import stream_widths
from mimamo.estimate.workload import Workload
from mimamo.features.backbone import feature_width
from mimamo.model.network import MimamoNet
from mimamo.storage.frame_cache import brought_dtype, feature_dtype, phase_dtype
from mimamo.streams import audio_streams, backbones_of, brought_streams, phase_stream
from mimamo.training.loop import network_sizes

HOUR, GIGABYTE = 3600.0, 1e9
#: Rules that run a network of the configuration, with as many threads as it says.
TRAINED = ("train", "predict", "predict_test")
#: Of a corpus so many times as large as a run, the run says little.
FAR = 100


@dataclass(frozen=True)
class Cost:
    """What all jobs of a rule take together.

    Attributes
    ----------
    rule
        The rule.
    seconds
        Of all its jobs, one after the other.
    threads, gpus
        What each of them has.
    source
        Where the rate was measured.
    """

    rule: Rule
    seconds: float
    threads: int
    gpus: int
    source: str

    @property
    def cpu_hours(self) -> float:
        """Hours times CPUs that are reserved for it."""
        return self.seconds * self.threads / HOUR

    @property
    def gpu_hours(self) -> float:
        """Hours times GPUs that are reserved for it."""
        return self.seconds * self.gpus / HOUR

    def hours(self, jobs: int, gpus: int) -> float:
        """Return the hours until all jobs are done, with so many jobs and GPUs at once."""
        at_once = max(1, min(jobs, gpus // self.gpus) if self.gpus else jobs)
        rounds = math.ceil(self.rule.jobs / (1 if self.rule.local else at_once))
        return rounds * self.seconds / self.rule.jobs / HOUR


def frames_of(rule: str, config: dict, workload: Workload, jobs: int) -> dict[str, float]:
    """Return how many frames all jobs of a rule go through, at most, by rule of the rate.

    All frames with a crop count as labelled, and all configured epochs are gone through. Windows overlap, and
    the names that training stops by are predicted after every epoch.
    """
    training, folds = config["training"], config["folds"]
    if rule in ("crops", "features"):
        return {rule: workload.crops}
    if rule == "predict":
        return {"predict": jobs * workload.fitted / folds["count"]}
    if rule == "predict_test":
        return {"predict": jobs * workload.test}
    if rule == "train":
        side = jobs * training["epochs"] * workload.fitted * (1 - 1 / folds["count"])
        stop = folds["stop_fraction"]
        overlap = training["window"] / training["hop"]
        return {"train": side * (1 - stop) * overlap, "predict": side * stop}
    # Its time follows from finished runs.
    return {}


def costs(
    rules: list[Rule],
    config: dict,
    workload: Workload,
    own: Sequence[FinishedRun],
    shipped: Sequence[FinishedRun],
    rates: dict[str, Rate],
) -> list[Cost]:
    """Estimate the cost of each rule.

    Where a rule's speed depends on the networks or the videos, it follows from `rates`; for any other rule,
    from how its time grows in the finished runs: one's own, or, for a rule that is in none of them, those
    that come with the project.
    """
    estimates = []
    start = min(run.start for run in own or shipped)
    for rule in rules:
        threads = config["training"]["threads"] if rule.name in TRAINED else 1
        if frames_by_rate := frames_of(rule.name, config, workload, rule.jobs):
            rate = rates["predict" if rule.name == "predict_test" else rule.name]
            gpus = (config["training"]["gpus"] if rule.name == "train" else 1) if rate.on_gpu else 0
            seconds = sum(frames / rates[by].frames_a_second for by, frames in frames_by_rate.items())
            # A process group counts as fast as its ranks together; its overhead was not measured.
            seconds /= max(gpus, 1)
            estimates.append(Cost(rule, rule.jobs * start + seconds, threads, gpus, rate.source))
        elif growth := growth_of(rule.name, own) or growth_of(rule.name, shipped):
            estimates.append(Cost(rule, growth.seconds(rule.jobs, workload), threads, 0, growth.source))
        else:
            source = "not in a finished run; taken as the shortest job"
            estimates.append(Cost(rule, rule.jobs * start, threads, 0, source))
    return estimates


def disk(
    rules: list[Rule], config: dict, workload: Workload, runs: Sequence[FinishedRun]
) -> dict[str, float]:
    """Return the disk space in bytes, by what uses it."""
    # In the largest run, what does not grow weighs least.
    largest = max(runs, key=lambda run: run.workload.crops)
    streams = config["streams"]
    widths, spatial = stream_widths(config), config["spatial"]
    backbones = backbones_of(streams, spatial, spatial)
    network = MimamoNet(network_sizes(config["network"], streams, widths))
    weights = sum(value.numel() * value.element_size() for value in network.state_dict().values())
    trainings = sum(rule.jobs for rule in rules if rule.name == "train")
    rows = {
        **({} if phase_stream(streams) is None else {"phase differences": phase_dtype()}),
        **{stage: feature_dtype(feature_width(section["backbone"])) for stage, section in backbones.items()},
        **{
            name: brought_dtype(widths[name]) for name in (*brought_streams(streams), *audio_streams(streams))
        },
    }
    return {
        **{what: workload.crops * row.itemsize for what, row in rows.items()},
        "trained networks": trainings * weights,
        "all else (by the largest finished run)": workload.crops * largest.bytes_a_frame,
    }


def format_estimate(
    found: list[Cost],
    sizes: dict[str, float],
    workload: Workload,
    runs: Sequence[FinishedRun],
    jobs: int,
    gpus: int,
) -> str:
    """Format the estimate as text.

    Parameters
    ----------
    found, sizes
        What each rule costs, and the disk space by what uses it.
    workload
        The corpus.
    runs
        The finished runs that the estimate is by.
    jobs, gpus
        How many at once.
    """
    names = ", ".join(f"{number} {subset}" for subset, number in workload.names.items())
    submitted = sum(cost.rule.jobs for cost in found if not cost.rule.local)
    total = sum(cost.rule.jobs for cost in found)
    lines = [
        f"{workload.count} names ({names}), {workload.crops:,} crops: {workload.source}.",
        f"{total} jobs, of which {submitted} would be submitted to a cluster.",
        "",
        f"{'rule':18}{'jobs':>6}{'CPU h':>10}{'GPU h':>10}{'wall h':>10}  rate from",
        *(_format_cost(cost, jobs, gpus) for cost in sorted(found, key=lambda cost: -cost.seconds)),
        f"{'all':18}{total:6d}{sum(cost.cpu_hours for cost in found):10.1f}"
        f"{sum(cost.gpu_hours for cost in found):10.1f}"
        f"{sum(cost.hours(jobs, gpus) for cost in found):10.1f}",
        "",
        f"Wall: with {jobs} jobs and {gpus} GPUs at once, rule after rule, without waiting in a queue.",
        *_warnings(found, workload, max(run.workload.crops for run in runs)),
        "Training counts all epochs on all crops: stopping early and frames without a label make it less.",
        f"Disk: {sum(sizes.values()) / GIGABYTE:.1f} GB: "
        + ", ".join(f"{what} {size / GIGABYTE:.1f}" for what, size in sizes.items())
        + ".",
    ]
    if not any(cost.gpus for cost in found):
        lines.append(
            "No GPU was measured: run this on a GPU node, give a benchmark made there with --rates, or take "
            "the rates of one that come with the project, as with --card h100."
        )
    return "\n".join(lines)


def _warnings(found: list[Cost], workload: Workload, largest: int) -> Iterator[str]:
    """Say what the estimate does not know; `largest` is the number of crops of the largest finished run."""
    if workload.crops > FAR * largest:
        yield (
            f"The largest finished run has {largest:,} crops, less than one in {FAR} of these: a larger one "
            "gives a better estimate (make rehearsal)."
        )
    if any(cost.source.startswith("at most") for cost in found):
        yield (
            "Upper limits: runs of one size do not show how much of a rule's time is its start, so all beyond"
            " the shortest job's is taken to grow with the data. A run of a second size shows it: make"
            " rehearsal, or give another run with --results."
        )
    if any(cost.rule.name == "audit" for cost in found):
        yield (
            "Not included: the audit's decoding of the videos, which takes longer the larger their pictures "
            "are (audit.decode_containers: false leaves it out)."
        )


def _format_cost(cost: Cost, jobs: int, gpus: int) -> str:
    """Format one rule's line of the estimate."""
    gpu = f"{cost.gpu_hours:10.2f}" if cost.gpus else f"{'':10}"
    return (
        f"{cost.rule.name:18}{cost.rule.jobs:6d}{cost.cpu_hours:10.2f}{gpu}{cost.hours(jobs, gpus):10.2f}"
        f"  {cost.source}"
    )
