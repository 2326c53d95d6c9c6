"""Runs: the trainings that the workflow compares, as changes of its configuration.

A run has its own trainings and predictions in a folder below ``results/``, and is named by that folder with a
slash at its end. The configured run has no folder of its own, so its name is empty.
"""

from __future__ import annotations

from collections.abc import Mapping

from mimamo.streams import phase_stream

#: The run that scores the official validation set, where the configured one merges both sets.
OFFICIAL = "official/"
#: The variant that the others are compared with: all streams.
REFERENCE = "all"
_HEADS = ("none", "gru", "tcn", "transformer")


def protocols(config: Mapping) -> dict[str, str]:
    """Return the protocol of every run that cross-validates: ``{run: "merged" | "official"}``."""
    if config["protocol"] == "both":
        return {"": "merged", OFFICIAL: "official"}
    return {"": config["protocol"]}


def ablations(config: Mapping) -> dict[str, dict[str, dict]]:
    """Return the variants of the ablation study, first the reference that the others are compared with.

    Parameters
    ----------
    config
        The configuration. The reference `REFERENCE` is the configured training, with all its streams; each
        variant differs from it in one thing.

    Returns
    -------
    dict[str, dict[str, dict]]
        The sections ``network``, ``training`` and ``streams`` of every variant.
    """
    reference, streams = _changed(config, "training"), config["streams"]
    flip = not config["training"]["flip"]
    flipped = {f"flip_{'on' if flip else 'off'}": _changed(reference, "training", flip=flip)}
    variants = {
        REFERENCE: reference,
        **{f"{name}_alone": {**reference, "streams": {name: streams[name]}} for name in streams},
        # Of two, all without the one is the other alone.
        **({f"without_{name}": _without(reference, name) for name in streams} if len(streams) > 2 else {}),
        # Without phase maps there is nothing to flip.
        **(flipped if phase_stream(streams) is not None else {}),
        **{f"head_{head}": _changed(reference, "network", head=head) for head in _HEADS},
    }
    return {
        name: sections for name, sections in variants.items() if name == REFERENCE or sections != reference
    }


def ablation_runs(config: Mapping) -> dict[str, str]:
    """Return the run of every variant of `ablations`; that of the reference is the configured one."""
    return {name: "" if name == REFERENCE else f"ablations/{name}/" for name in ablations(config)}


def run_sections(config: Mapping, run: str) -> dict[str, dict]:
    """Return the sections ``network``, ``training`` and ``streams`` that a run is trained with."""
    by_run = {path: name for name, path in ablation_runs(config).items() if path}
    return ablations(config)[by_run[run]] if run in by_run else _changed(config, "training")


def _without(sections: Mapping[str, dict], stream: str) -> dict[str, dict]:
    """Return sections without one of the streams."""
    kept = {name: settings for name, settings in sections["streams"].items() if name != stream}
    return {**sections, "streams": kept}


def _changed(config: Mapping, section: str, **changes: object) -> dict[str, dict]:
    """Return a copy of the sections that define a training, with some values of one section changed."""
    sections = {name: dict(config[name]) for name in ("network", "training", "streams")}
    sections[section] |= changes
    return sections
