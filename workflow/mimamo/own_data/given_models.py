"""Trained networks that a run is given instead of training them: finding them, and checking that they fit.

`list_models` is called whenever the Snakefile is read, so torch is imported where a model is opened.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from pathlib import Path

from mimamo.errors import ConfigError, InputError
from mimamo.evidence.caveats import prediction_caveat
from mimamo.features.record import other_kinds
from mimamo.streams import SPATIAL_RESULT, Settings, complete_streams, portable, spatial_sections

#: The settings that a network's predictions depend on besides its weights. It carries its own, but a
#: configuration that says otherwise would describe the run wrongly.
_SETTINGS = {
    "network": (
        "differences", "spatial_width", "temporal_channels", "temporal_width", "fusion_width", "fusion",
        "head", "recurrent_width",
    ),
    "training": ("window", "hop"),
}  # fmt: skip


def list_models(given: str | Sequence[str]) -> list[Path]:
    """Return the paths of given models, in the order in which they count as folds.

    Parameters
    ----------
    given
        The option ``models``: paths of checkpoints, or one path of a checkpoint or of a folder with
        ``fold0/model.pt`` and so on.

    Raises
    ------
    ConfigError
        Where a path leads to no file, a folder has no such models, or a model is given twice.
    """
    if isinstance(given, str) and Path(given).expanduser().is_dir():
        folder = Path(given).expanduser()
        paths = sorted(folder.glob("fold*/model.pt"), key=_fold_of)
        if not paths:
            raise ConfigError(
                f"{folder}: expected trained folds (fold0/model.pt and so on), found none; set models to the "
                "folder results/train of a finished run, or to a list of checkpoints."
            )
        return paths
    paths = [Path(path).expanduser() for path in ([given] if isinstance(given, str) else given)]
    for path in paths:
        if not path.is_file():
            found = "a folder" if path.is_dir() else "nothing there"
            raise ConfigError(f"{path}: expected a trained model, found {found}; correct it in models.")
    if len({path.resolve() for path in paths}) < len(paths):
        raise ConfigError(
            "Configuration: models names a model twice, which would count double; once will do."
        )
    return paths


def _fold_of(path: Path) -> tuple[int, str]:
    """Return the number of a fold's folder, to sort fold10 behind fold9."""
    digits = re.search(r"\d+$", path.parent.name)
    return (int(digits[0]) if digits else 0, path.parent.name)


def check_models(paths: Sequence[Path], config: Mapping) -> str:
    """Check that given models are whole, were trained with the configured sizes, and on the features.

    Parameters
    ----------
    paths
        The checkpoints.
    config
        The whole configuration.

    Returns
    -------
    str
        The caveat that their predictions have to be shown with; empty without one.

    Raises
    ------
    InputError
        Where one cannot be read or does not fit, with what it has instead.
    """
    from mimamo.model.checkpoint import load_checkpoint

    wanted = portable(complete_streams(config["streams"]))
    sections = spatial_sections(wanted, config["spatial"])
    records = {stream: configured_record(section) for stream, section in sections.items()}
    models = {path: load_checkpoint(path) for path in paths}
    for path, model in models.items():
        if _without_backbones(model.streams) != _without_backbones(wanted):
            raise InputError(
                f"{path}: expected a model of the configured streams, {_describe_streams(wanted)}, found "
                f"{_describe_streams(model.streams)}; give the configuration that it was trained with, or "
                "other models."
            )
        check_kind(path, model.features, "spatial of the configuration gives", records)
        found = {"network": vars(model.network.config), "training": model.training}
        differences = [
            f"{section}.{key} {_text(found[section][key])} instead of {_text(config[section][key])}"
            for section, keys in _SETTINGS.items()
            for key in keys
            if _text(found[section][key]) != _text(config[section][key])
        ]
        if differences:
            raise InputError(
                f"{path}: expected a model of the configured sizes, found {', '.join(differences)}; give the "
                "configuration that it was trained with, or other models."
            )
    return prediction_caveat([model.trained_on for model in models.values()])


def _without_backbones(streams: Mapping[str, Settings]) -> dict[str, dict]:
    """Return the streams without what their features are computed with, of which the records tell more."""
    return {
        name: {key: value for key, value in settings.items() if key not in SPATIAL_RESULT}
        for name, settings in streams.items()
    }


def _describe_streams(streams: Mapping[str, Settings]) -> str:
    """Return the streams with their settings as text."""
    return " and ".join(
        f"{name} ({', '.join(f'{key} {value}' for key, value in sorted(settings.items()))})"
        for name, settings in sorted(streams.items())
    )


def _text(value: object) -> str:
    """Return a setting as text, the same for lists and tuples."""
    return str(list(value)) if isinstance(value, (list, tuple)) else str(value)


def configured_record(spatial: Mapping[str, object]) -> dict[str, object]:
    """Return the record of the features that a configuration gives, as far as it is known now.

    Parameters
    ----------
    spatial
        The section ``spatial`` of the configuration.

    Returns
    -------
    dict
        See `mimamo.features.record`. Where the weights have not been fetched yet, only what is configured.
    """
    from mimamo.features.extract import load_network
    from mimamo.features.settings import RANDOM
    from mimamo.features.weights import weights_path

    if spatial["weights"] == RANDOM or weights_path(spatial).exists():
        return load_network(spatial)[1]
    return {key: spatial[key] for key in ("backbone", "sha256", "input_size", "resize")}


def check_kind(
    path: Path, features: Mapping[str, Mapping], where: str, expected: Mapping[str, Mapping]
) -> None:
    """Raise InputError unless a model was trained on features of the expected kind, by stream."""
    if difference := other_kinds(features, expected):
        raise InputError(
            f"{path}: expected a model trained on the same features as {where}, found {difference}; give "
            "models of one run of the workflow, and the weights they were trained with"
        )
