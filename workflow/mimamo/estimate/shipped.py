"""Measurements that come with the project: rates of GPUs, and rehearsals, for machines that have neither."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from functools import cache
from pathlib import Path

import yaml

from mimamo.estimate.rates import FinishedRun, Rate
from mimamo.estimate.workload import Workload
from mimamo.jobs.benchmark_files import Benchmark
from mimamo.model.sizes import NetworkConfig
from mimamo.streams import PAPER, backbones_of

FILE = Path(__file__).with_name("shipped.yaml")
#: Where the rehearsals are described.
DOCUMENT = Path("docs/rehearsal.md")
#: The card that is taken where there is none and none is named.
USUAL = "h100"
#: What the networks of the measured rates were, as far as their speed depends on it.
_NETWORK = (
    *("differences", "spatial_width", "temporal_channels", "temporal_width", "fusion_width", "head"),
    "recurrent_width",
)
_SPATIAL = {"backbone": "resnet50", "input_size": 224}
_TRAINING = {"train": {"window": 64, "batch_size": 16}, "predict": {}}


@cache
def _shipped() -> dict:
    """Read the file."""
    return yaml.safe_load(FILE.read_text(encoding="utf-8"))


def card_names() -> list[str]:
    """Return the names by which cards are chosen."""
    return list(_shipped()["cards"])


def card_title(card: str) -> str:
    """Return a card's full name."""
    return _shipped()["cards"][card]["name"]


def card_rate(card: str, rule: str, config: Mapping) -> Rate:
    """Return the rate of a network's rule on a card.

    Parameters
    ----------
    card
        One of `card_names`.
    rule
        ``features``, ``train`` or ``predict``.
    config
        The configuration. The rates are those of the published networks: where this has others, the source
        says so.

    Returns
    -------
    Rate
        Crops a second; of ``train``, frames of windows a second. Features are read by one process, which is
        slower than most cards compute them.
    """
    rate, source = _card_rate(card, rule)
    reading = _shipped()["reading"]
    if rule == "features" and (read := reading["rate"] / reading["processes"]) < rate:
        source = (
            f"reading crops, {read:,.0f}/s by the rule's one process: {reading['rate']:,} by "
            f"{reading['processes']} on {_when(reading)}; the network alone: {rate:,.0f}/s, {source}"
        )
        rate = read
    if others := _differences(rule, config):
        source += f"; not of this configuration, which has {others}"
    return Rate(rate, True, source)


def _card_rate(card: str, rule: str) -> tuple[float, str]:
    """Return a rate of a card, measured or by its specifications, and where it is from."""
    cards = _shipped()["cards"]
    own = cards[card]
    if rule in own["measured"]:
        found = own["measured"][rule]
        return found["rate"], f"measured on one {own['name']}, {_when(found)}"
    other = next(entry for entry in cards.values() if rule in entry["measured"])
    found = other["measured"][rule]
    ratios = {what: own[what] / other[what] for what in ("bfloat16", "memory")}
    what = min(ratios, key=ratios.__getitem__)
    factor = min(1.0, ratios[what])
    words = {"bfloat16": "bfloat16 throughput", "memory": "memory bandwidth"}[what]
    return factor * found["rate"], (
        f"not measured: {factor:.2f} (ratio of {words}) of {found['rate']:,}/s on an {other['name']}, "
        f"{_when(found)}"
    )


def _when(entry: Mapping) -> str:
    """Say how, when and by what code something was measured."""
    return f"{entry['how']}, {entry['date']}, {entry['commit']}"


def _differences(rule: str, config: Mapping) -> str:
    """Say what a configuration has unlike the networks that were measured; empty where it is the same."""
    if rule == "features":
        found = {**config["spatial"], "input_size": config["spatial"]["input_size"] or _SPATIAL["input_size"]}
        backbones = backbones_of(config["streams"], config["spatial"], config["spatial"])
        # Rates are of one backbone, that of the section spatial.
        found["backbones"], expected = sorted(backbones), {**_SPATIAL, "backbones": ["features"]}
    else:
        paper = asdict(NetworkConfig())
        found = {**config["network"], **config["training"]}
        found["streams"] = _stream_kinds(config["streams"])
        expected = {
            **{key: paper[key] for key in _NETWORK},
            **_TRAINING[rule],
            "streams": _stream_kinds(PAPER),
        }
    plain = {key: list(value) if isinstance(value, tuple) else value for key, value in expected.items()}
    return ", ".join(f"{key} {found[key]}" for key, value in plain.items() if found[key] != value)


def _stream_kinds(streams: Mapping[str, Mapping]) -> str:
    """Name the kinds of streams."""
    return " and ".join(sorted(str(settings["kind"]) for settings in streams.values()))


def shipped_runs() -> list[FinishedRun]:
    """Return the rehearsals that come with the project."""
    return [_run(entry) for entry in _shipped()["rehearsals"]]


def _run(entry: Mapping) -> FinishedRun:
    """Return one rehearsal as a finished run."""
    workload = Workload(entry["names"], entry["fitted"], entry["test"], f"rehearsed, {DOCUMENT}")
    seconds = {
        rule: [Benchmark(rule, wall / jobs, cpu / jobs, 0.0).work(sampled=True)] * jobs
        for rule, (jobs, wall, cpu) in entry["rules"].items()
    }
    bytes_a_frame = entry["other_megabytes"] * 1e6 / workload.crops
    return FinishedRun(DOCUMENT, workload, seconds, bytes_a_frame, shipped=True)
