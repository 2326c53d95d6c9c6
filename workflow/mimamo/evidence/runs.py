"""Runs: the trainings that the workflow compares, as changes of its configuration.

A run has its own trainings and predictions in a folder below ``results/``, and is named by that folder with a
slash at its end. The configured run has no folder of its own, so its name is empty.
"""

from __future__ import annotations

from collections.abc import Mapping

#: The run that scores the official validation set, where the configured one merges both sets.
OFFICIAL = "official/"
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
        The configuration. The reference ``both`` is the configured training, with both streams; each variant
        differs from it in one thing.

    Returns
    -------
    dict[str, dict[str, dict]]
        The sections ``network`` and ``training`` of every variant.
    """
    flip = not config["training"]["flip"]
    reference = _changed(config, "training", streams="both")
    variants = {
        "both": reference,
        "spatial": _changed(reference, "training", streams="spatial"),
        "temporal": _changed(reference, "training", streams="temporal"),
        f"flip_{'on' if flip else 'off'}": _changed(reference, "training", flip=flip),
        **{f"head_{head}": _changed(reference, "network", head=head) for head in _HEADS},
    }
    return {name: sections for name, sections in variants.items() if name == "both" or sections != reference}


def ablation_runs(config: Mapping) -> dict[str, str]:
    """Return the run of every variant of `ablations`: the configured run where both are the same."""
    return {
        name: "" if sections == _changed(config, "training") else f"ablations/{name}/"
        for name, sections in ablations(config).items()
    }


def run_sections(config: Mapping, run: str) -> dict[str, dict]:
    """Return the sections ``network`` and ``training`` that a run is trained with."""
    by_run = {path: name for name, path in ablation_runs(config).items() if path}
    return ablations(config)[by_run[run]] if run in by_run else _changed(config, "training")


def _changed(config: Mapping, section: str, **changes: object) -> dict[str, dict]:
    """Return a copy of the sections that define a training, with some values of one section changed."""
    sections = {name: dict(config[name]) for name in ("network", "training")}
    sections[section] |= changes
    return sections
