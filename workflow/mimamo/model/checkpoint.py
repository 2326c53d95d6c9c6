"""Checkpoints: a network's weights together with everything needed to use them."""

from __future__ import annotations

import math
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import torch
from torch import Tensor

from mimamo.device import use_bfloat16
from mimamo.errors import InputError
from mimamo.model.network import MimamoNet
from mimamo.model.sizes import NetworkConfig
from mimamo.storage.tensors import (
    is_state_dict,
    load_tensors,
    nonfinite_entries,
    save_tensors,
    state_dict_mismatches,
)
from mimamo.streams import PAPER, Settings, are_streams, backbone_streams, portable, weights_of

#: Version of a checkpoint's layout; increased when that changes.
FORMAT = 2
#: Keys that every checkpoint has.
_KEYS = {"format", "fold", "epoch", "network", "training", "spatial", "features", "origin", "weights"}
#: Keys that a checkpoint may lack: earlier versions did not write them, and a converted one cannot have the
#: first two. Without the third the streams are those of the paper.
_OPTIONAL_KEYS = {"phase_energy", "demo", "streams"}
#: The streams that were silent in a training of an earlier version, by its setting ``streams``.
_SILENT = {"both": (), "spatial": ("motion",), "temporal": ("appearance",)}


@dataclass(frozen=True)
class Checkpoint:
    """A trained network and what it was trained with.

    Attributes
    ----------
    network
        The network, in evaluation mode.
    training, spatial
        The configuration of its training, and of the features it was trained on.
    features
        What the features of every backbone's stream were computed with, see `mimamo.features.record`; in the
        file without the stream's name where there is one.
    origin
        ``code``, the digest of the code that wrote it; of a converted one also ``published`` and ``sha256``,
        the name and hash of the file it was converted from.
    fold, epoch
        Where the weights come from; a converted checkpoint is of no fold.
    phase_energy
        ``median``, ``smallest`` and ``largest`` phase energy of the training names' crops, see
        `mimamo.phase.energy`; empty where it is not known.
    demo
        Whether it was trained on the rendered demo corpus; None where it is not known.
    streams
        The settings of every stream, without the folders of those that somebody brought.
    """

    network: MimamoNet
    training: dict
    spatial: dict
    features: dict
    origin: dict
    fold: int | None
    epoch: int
    phase_energy: dict
    demo: bool | None
    streams: dict

    @property
    def trained_on(self) -> tuple[bool | None, str]:
        """Whether it was trained on the demo corpus, and on features of which weights."""
        return self.demo, weights_of(self.streams, self.spatial)


def save_checkpoint(
    path: Path,
    weights: dict[str, Tensor],
    network: NetworkConfig,
    *,
    training: dict,
    spatial: dict,
    features: dict,
    origin: dict,
    fold: int | None,
    epoch: int,
    phase_energy: dict | None = None,
    demo: bool | None = None,
    streams: Mapping[str, Settings] = PAPER,
) -> None:
    """Write a checkpoint of tensors and plain values atomically.

    Parameters
    ----------
    path
        The file to write.
    weights
        The network's state dict, on any device.
    network
        The network's sizes.
    training, spatial, features, origin, fold, epoch, phase_energy, demo, streams
        See `Checkpoint`.
    """
    (backbone, *others) = backbone_streams(streams) or [""]
    content = {
        "format": FORMAT,
        "fold": fold,
        "epoch": epoch,
        "network": network.as_dict(),
        "training": training,
        "spatial": spatial,
        "features": features if others else features.get(backbone, {}),
        "origin": origin,
        "weights": {name: value.cpu().contiguous() for name, value in weights.items()},
    }
    if phase_energy:
        content["phase_energy"] = phase_energy
    if demo is not None:
        content["demo"] = demo
    if (kept := portable(streams)) != PAPER:
        content["streams"] = kept
    save_tensors(content, path)


def load_checkpoint(path: Path, device: torch.device | str = "cpu") -> Checkpoint:
    """Read a checkpoint without executing anything in it.

    Raises
    ------
    InputError
        Where the file is missing, is not a checkpoint of this project, or holds more than tensors and plain
        values.
    """
    advice = "train the fold first, or give a checkpoint such as results/train/fold0/model.pt"
    content = load_tensors(path, "a checkpoint", advice, device=device)
    if isinstance(content, dict) and "state_dict" in content:
        raise InputError(
            f"{path}: expected a checkpoint of this project, found a published one; convert it with "
            "mimamo convert"
        )
    if not isinstance(content, dict) or "format" not in content:
        raise InputError(f"{path}: expected a checkpoint of this project, found other things; {advice}")
    if content["format"] != FORMAT:
        raise InputError(
            f"{path}: expected a checkpoint of format {FORMAT}, found {content['format']!r}; train the fold "
            "again, or use the version of this project that made it"
        )
    if content.keys() - _OPTIONAL_KEYS != _KEYS or not is_state_dict(content["weights"]):
        raise InputError(f"{path}: expected a checkpoint with {', '.join(sorted(_KEYS))}; {advice}")
    if not _is_phase_energy(content.get("phase_energy", {})):
        raise InputError(f"{path}: expected numbers in phase_energy, found others; {advice}")
    if not isinstance(content.get("demo", False), bool):
        raise InputError(f"{path}: expected true or false in demo, found another value; {advice}")
    return _build(path, content, device)


def _is_phase_energy(value: object) -> bool:
    """Return whether a value of a checkpoint's content is what `Checkpoint` says of ``phase_energy``."""
    if not isinstance(value, dict) or value.keys() not in (set(), {"median", "smallest", "largest"}):
        return False
    return all(isinstance(number, float) and 0 < number < math.inf for number in value.values())


def _features_by_stream(value: dict, backbones: Sequence[str]) -> dict[str, dict]:
    """Return the records of features by stream; raise ValueError where a checkpoint has others."""
    records = dict(value) if len(backbones) > 1 else dict.fromkeys(backbones, value)
    if records.keys() != set(backbones) or not all(isinstance(record, dict) for record in records.values()):
        raise ValueError("features")
    return records


def _build(path: Path, content: dict, device: torch.device | str) -> Checkpoint:
    """Build the network of a checkpoint's content, and check that its weights are of that network."""
    training = content["training"]
    try:
        config = NetworkConfig.from_dict(content["network"])
        silent = _SILENT[training.get("streams", "both")]
        streams = content.get("streams", PAPER)
        if not are_streams(streams) or {stream.name for stream in config.streams} != streams.keys():
            raise ValueError("streams")
        features = _features_by_stream(content["features"], list(backbone_streams(streams)))
        # On the meta device first, because a few bytes can describe a network that fills any memory.
        with torch.device("meta"):
            expected = MimamoNet(config, silent).state_dict()
        mismatch = state_dict_mismatches(content["weights"], expected)
        if not mismatch and sum(value.nbytes for value in expected.values()) > os.path.getsize(path):
            mismatch = "fewer values than their shapes say"
    # Malformed names and numbers raise exceptions of many types in torch and Python.
    except Exception as error:
        mismatch = f"sizes of none ({type(error).__name__})"
    if not mismatch and (faulty := nonfinite_entries(content["weights"])):
        mismatch = f"values that are not numbers in {len(faulty)} of them, as in {faulty[0]}"
    if mismatch:
        raise InputError(
            f"{path}: expected the weights of its own network, found {mismatch}; get the file again, or "
            "train it again if an earlier version of this project wrote it"
        )
    network = MimamoNet(config, silent)
    network.load_state_dict(content["weights"])
    network.to(device, memory_format=torch.channels_last).eval()
    network.convolve_in_bfloat16(use_bfloat16(training["precision"], torch.device(device)))
    metadata = {key: content[key] for key in ("training", "spatial", "origin", "fold", "epoch")}
    return Checkpoint(
        network,
        **metadata,
        features=features,
        phase_energy=content.get("phase_energy") or {},
        demo=content.get("demo"),
        streams=dict(streams),
    )
