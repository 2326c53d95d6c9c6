"""Conversion of published MIMAMO Net checkpoints into this project's.

The published code passes its GRU windows as (batch, time, feature) where it expects time first: it was
trained to recur over the windows of a batch, not over the frames of a window. A converted checkpoint says
which of the two the GRU is to follow.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from pathlib import Path

from torch import Tensor

from mimamo import DIMENSIONS
from mimamo.errors import ConfigError, InputError
from mimamo.features.backbone import RESNET50
from mimamo.features.variants import CAFFE
from mimamo.model.checkpoint import save_checkpoint
from mimamo.model.encoders import BANDS
from mimamo.model.network import MimamoNet
from mimamo.model.sizes import NetworkConfig
from mimamo.provenance.source_code import code_digest
from mimamo.storage.files import file_hash
from mimamo.storage.tensors import is_state_dict, load_tensors, nonfinite_entries, state_dict_mismatches
from mimamo.streams import PAPER, backbone_streams
from mimamo.training.config import TrainingConfig

logger = logging.getLogger(__name__)

#: Prefixes of the published network's parameters, and what they are called in this project's.
RENAMED = {
    "mlp.mlp.1": "spatial.linear1",
    "mlp.mlp.2": "spatial.norm1",
    "mlp.mlp.5": "spatial.linear2",
    "mlp.mlp.6": "spatial.norm2",
    "phasenet.conv_net.0": "temporal.block1",
    "phasenet.conv_net.1": "temporal.block2",
    "phasenet.conv_net.2": "temporal.block3",
    "phasenet.fc.0": "temporal.linear1",
    "phasenet.fc.2": "temporal.norm1",
    "phasenet.fc.4": "temporal.linear2",
    "phasenet.fc.6": "temporal.norm2",
    "transform.0": "fuse",
    "transform.2": "fuse_norm",
    "rnns": "recurrent",
    "classifier.1": "output",
    "classifier.2": "output_norm",
}

#: A part of the published file that the two-stream network never uses.
UNUSED = "phasenet.classifier."

#: The layers that hold one number, or one row of them, per output.
_OUTPUTS = ("output.", "output_norm.")

#: Buffers of this project's network that the published one does not have; their initial values have no
#: effect.
_OWN = {"spatial.mean", "spatial.spread"}

#: The features that the published network was trained on, as a configuration and as a record of them; which
#: file exactly they were computed with is not known.
SPATIAL = {
    "backbone": RESNET50,
    "weights": "ferplus",
    "sha256": None,
    "url": None,
    "cache": "~/.cache/mimamo",
    "input_size": None,
    "resize": None,
    "batch_size": 32,
    "precision": "auto",
}
FEATURES = {
    "backbone": RESNET50,
    "name": "ferplus",
    "sha256": None,
    "form": CAFFE.name,
    "input_size": CAFFE.input_size,
    "resize": CAFFE.resize,
    "precision": "float32",
}


def convert(published: Path, out: Path, recurrence: str, outputs: Sequence[str]) -> None:
    """Convert a published checkpoint into this project's, and log what to expect of it.

    Parameters
    ----------
    published
        The file: a dict with ``state_dict`` and ``epoch``.
    out
        The checkpoint to write.
    recurrence
        What the GRU is to follow, see `mimamo.model.sizes.NetworkConfig`.
    outputs
        What the published network's outputs are, in their order: the names in `mimamo.DIMENSIONS`.

    Raises
    ------
    InputError
        Where the file holds anything else, or names or shapes are not those of MIMAMO Net.
    """
    state, epoch = read_published(published)
    sizes = sizes_of(published, state, recurrence)
    weights = MimamoNet(sizes).state_dict()
    expected = {name: value for name, value in weights.items() if name not in _OWN}
    if mismatches := state_dict_mismatches(state, expected):
        raise InputError(
            f"{published}: expected MIMAMO Net under its published names, found {mismatches} (listed by this "
            "project's names); give another file"
        )
    weights.update({name: value.to(expected[name].dtype) for name, value in state.items()})
    _reorder_outputs(weights, outputs)
    save_checkpoint(
        out,
        weights,
        sizes,
        training=TrainingConfig().as_dict(),
        spatial=SPATIAL,
        features=dict.fromkeys(backbone_streams(PAPER), FEATURES),
        origin={
            "code": code_digest(Path(__file__)),
            "published": published.name,
            "sha256": file_hash(published),
        },
        fold=None,
        epoch=epoch,
        demo=False,
    )
    _log_conversion(published, out, epoch, recurrence)


def _reorder_outputs(weights: dict[str, Tensor], outputs: Sequence[str]) -> None:
    """Permute the rows of the output layers from the order of `outputs` to that of `mimamo.DIMENSIONS`."""
    if sorted(outputs) != sorted(DIMENSIONS):
        raise ConfigError(
            f"--outputs should name {' and '.join(DIMENSIONS)} in the order of the network's outputs, as in "
            f"{','.join(DIMENSIONS)}, and is {','.join(outputs)}: correct it"
        )
    order = [list(outputs).index(dimension) for dimension in DIMENSIONS]
    for name, value in weights.items():
        if name.startswith(_OUTPUTS) and value.dim():
            weights[name] = value[order]


def read_published(path: Path) -> tuple[dict[str, Tensor], int]:
    """Read a published checkpoint without executing anything in it.

    Returns
    -------
    tuple[dict[str, torch.Tensor], int]
        The state under this project's names, without the part that is not used; and the epoch.

    Raises
    ------
    InputError
        Where it is no published checkpoint, or has entries of other names.
    """
    advice = "give the file of a published MIMAMO Net"
    content = load_tensors(path, "a published checkpoint", advice)
    if not isinstance(content, Mapping) or not content.keys() >= {"state_dict", "epoch"}:
        raise InputError(f"{path}: expected a dict with state_dict and epoch, found other things; {advice}")
    if not is_state_dict(content["state_dict"]) or not isinstance(content["epoch"], int):
        raise InputError(
            f"{path}: expected tensors by name in state_dict and a number in epoch, found other things; "
            f"{advice}"
        )
    # Networks that were trained on several GPUs are wrapped.
    state = {name.removeprefix("module."): value for name, value in content["state_dict"].items()}
    if faulty := nonfinite_entries(state):
        raise InputError(
            f"{path}: expected weights that are numbers, found others in {len(faulty)} entries, the first "
            f"{faulty[0]}; {advice}"
        )
    names = {name: _own_name(name) for name in state if not name.startswith(UNUSED)}
    if unknown := sorted(name for name, own in names.items() if own is None):
        raise InputError(
            f"{path}: expected MIMAMO Net under its published names, found {len(unknown)} others: "
            f"{', '.join(unknown)}; {advice}"
        )
    return {own: state[name] for name, own in names.items()}, content["epoch"]


def _own_name(name: str) -> str | None:
    """Return this project's name of a published parameter; None where it is unknown."""
    for old, new in RENAMED.items():
        if name.startswith(f"{old}."):
            return new + name.removeprefix(old)
    return None


def sizes_of(path: Path, state: Mapping[str, Tensor], recurrence: str) -> NetworkConfig:
    """Infer a network's sizes from its weights; dropout, which has no effect in prediction, is the paper's.

    Raises
    ------
    InputError
        Where a weight that determines a size is missing or has another number of axes.
    """
    axes_of = {
        "spatial.linear1.weight": 2, "temporal.block1.0.weight": 4, "temporal.block2.0.weight": 4,
        "temporal.block3.0.weight": 4, "temporal.linear1.weight": 2, "fuse.weight": 2,
        "recurrent.weight_hh_l0": 2,
    }  # fmt: skip
    missing = [name for name, axes in axes_of.items() if name not in state or state[name].dim() != axes]
    if missing:
        raise InputError(
            f"{path}: expected all weights of MIMAMO Net, found none of the right kind for "
            f"{', '.join(missing)} (listed by this project's names); give another file"
        )
    spatial, first, second, third, linear, fuse, recurrent = (state[name].shape for name in axes_of)
    return NetworkConfig(
        pool5_width=spatial[1],
        differences=first[1] // BANDS,
        spatial_width=spatial[0],
        temporal_channels=(first[0], second[0], third[0]),
        temporal_width=linear[0],
        fusion_width=fuse[0],
        recurrent_width=recurrent[1],
        standardise_pool5=False,
        recurrence=recurrence,
    )


def _log_conversion(published: Path, out: Path, epoch: int, recurrence: str) -> None:
    """Log what was converted, and warn where the result cannot reproduce published numbers."""
    follows = {
        "time": "the frames of a window, as it was not trained to",
        "batch": "the windows of a run of frames, at each place in them, as it was trained to",
    }
    logger.info("%s: made of %s, epoch %d", out, published, epoch)
    logger.warning(
        "The published training handed the GRU its batches with the axes of windows and time exchanged, so "
        "that it recurred over the batch; in %s it follows %s. Choose with --recurrence.",
        out,
        follows[recurrence],
    )
    logger.warning(
        "It was trained on phase differences of the published code, which are unwrapped with a truncating "
        "remainder; those of this project are not, so expect other values than published."
    )
