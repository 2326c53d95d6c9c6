"""Predictions for aligned crops of one's own, without any of Aff-Wild2's lists.

What the audit, the caches, the folds' predictions, the ensemble and the gap filling do in the workflow is
done here by the same functions, one name after the other, so that neither memory nor disk grows with the
number of names.
"""

from __future__ import annotations

import logging
import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import pandas as pd

from mimamo import DIMENSIONS
from mimamo.audit.symptoms import counted
from mimamo.corpus.crops import check_crops, limit_threads, list_crops
from mimamo.corpus.extraction import Crops, Progress, write_cache
from mimamo.corpus.lists import name_fault
from mimamo.dataset.recordings import Recording, open_recordings
from mimamo.device import pick_device
from mimamo.errors import InputError
from mimamo.features.backbone import Backbone
from mimamo.features.extract import feature_rows, load_network
from mimamo.features.record import other_kind
from mimamo.model.checkpoint import Checkpoint, load_checkpoint
from mimamo.model.inference import predict_recording
from mimamo.phase.cache import phase_rows
from mimamo.phase.differences import PhaseDifference
from mimamo.phase.steerable_pyramid import build_filters
from mimamo.postprocessing.ensemble import mean_of_folds
from mimamo.postprocessing.gaps import POLICIES, fill_table
from mimamo.provenance.chain import write_command
from mimamo.provenance.source_code import code_digest
from mimamo.storage.files import write_csv
from mimamo.storage.frame_cache import feature_dtype, phase_dtype

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Clip:
    """The usable `crops` of one name, and its `length`: the highest number of any crop, usable or not."""

    crops: Crops
    length: int


def predict_own_crops(
    folder: Path, models: Sequence[Path], out: Path, policy: str = POLICIES[0]
) -> pd.DataFrame:
    """Predict every frame of a folder of crops with the mean of trained models.

    Parameters
    ----------
    folder
        Crops ``00001.jpg``, … of one name, or one folder of them per name.
    models
        The checkpoints, trained on features of one kind; one given twice counts once.
    out
        The CSV to write: name, frame (1 … highest crop), valence, arousal, source; sorted by name and frame.
        Beside it goes the chain of what it was made with, ``<name>.csv.json``.
    policy
        What to do with frames without a usable crop, see `mimamo.postprocessing.gaps.fill_gaps`.

    Returns
    -------
    pandas.DataFrame
        The table written.

    Raises
    ------
    InputError
        Where there is no usable crop, a model cannot be used or does not fit the others, or `out` cannot be
        written.
    """
    with _caches_beside(out) as caches:
        predictor = Predictor.load(models)
        clips = find_clips(folder)
        progress = Progress(len(clips), sum(len(clip.crops.frames) for clip in clips))
        tables = []
        for number, clip in enumerate(clips, start=1):
            _announce(clip, number, len(clips))
            with TemporaryDirectory(dir=caches) as nest:
                tables.append(predictor.predict(clip.crops, Path(nest), progress))
            progress.add_name(clip.crops.name)
    lengths = {clip.crops.name: clip.length for clip in clips}
    table = fill_table(pd.concat(tables, ignore_index=True), lengths, policy)
    write_csv(table, out)
    settings = {"policy": policy, "spatial": predictor.spatial}
    write_command(out, list(predictor.models), settings, predictor.features, code_digest(Path(__file__)))
    logger.info("%s: %d frames of %s", out, len(table), counted(clips, "name"))
    return table


@contextmanager
def _caches_beside(out: Path) -> Iterator[str]:
    """Give a temporary folder beside the file to write, and so find out early that it can be written.

    The system's own folder for temporary files is often in memory.
    """
    advice = "set --out to a file in a folder that can be written to"
    if out.is_dir():
        raise InputError(f"{out}: expected a file to write, found a folder; {advice}")
    try:
        out.parent.mkdir(parents=True, exist_ok=True)
        nest = TemporaryDirectory(prefix=f".{out.name[:40]}.", dir=out.parent)
    except OSError as error:
        raise InputError(
            f"{out}: expected a place to write to, found {error.strerror or error}; {advice}"
        ) from None
    with nest as caches:
        yield caches


def _announce(clip: Clip, number: int, names: int) -> None:
    logger.info(
        "%s (%d of %d): %s for %d frames",
        clip.crops.name,
        number,
        names,
        counted(clip.crops.frames, "usable crop"),
        clip.length,
    )


# The crops ------------------------------------------------------------------------------------------------


def find_clips(folder: Path) -> list[Clip]:
    """Find the names in a folder and their usable crops, and tell what is left out.

    Parameters
    ----------
    folder
        Crops of one name, or one folder of them per name.

    Raises
    ------
    InputError
        Where there is no such folder, or no usable crop in it.
    """
    # Crops are so small that a second thread in OpenCV costs more than it brings.
    limit_threads(1)
    clips, places = [], _places(folder)
    logger.info("%s: checking the crops of %s", folder, counted(places, "name"))
    for place in places:
        try:
            clips.append(_read_clip(place))
        except InputError as error:
            logger.warning("%s The name %s is left out.", error, ascii(place.name))
    if not clips:
        raise InputError(
            f"{folder}: expected a name with usable crops, found none; mend what is told of each above"
        )
    return clips


def _places(folder: Path) -> list[Path]:
    """Return the folders that hold crops, each called as its name: `folder` itself, or all folders in it."""
    crops = list_crops(folder).numbers
    below = sorted(path for path in folder.iterdir() if path.is_dir() and not path.name.startswith("."))
    wanted = f"{folder}: expected crops 00001.jpg and so on of one name, or one folder of them per name,"
    if crops and below:
        raise InputError(
            f"{wanted} found {counted(crops, 'crop')} beside the folder {below[0].name!a}; keep them apart"
        )
    if not crops and not below:
        raise InputError(f"{wanted} found neither; put the crops there or correct the path")
    return below or [Path(os.path.abspath(folder))]


def _read_clip(place: Path) -> Clip:
    """Return the usable crops of the folder `place`; raises InputError where the name cannot be used."""
    if fault := name_fault(place.name):
        raise InputError(f"{place}: expected a folder called as its name, but {fault}; rename it.")
    listing = list_crops(place)
    check = check_crops(place, listing.numbers)
    if not check.usable:
        raise InputError(_no_crops(place, len(listing.numbers), [*check.unreadable.values()]))
    if left_out := listing.left_out:
        things = counted(left_out, "thing")
        logger.warning("%s: %s other than crops left out, first %r.", place, things, left_out[0])
    if check.unreadable:
        crops = counted(check.unreadable, "unreadable crop")
        first = next(iter(check.unreadable.values()))
        logger.warning("%s: %s left out, the first is %s", place.name, crops, first)
    return Clip(Crops(place.name, place, np.array(check.usable, np.int64)), listing.numbers[-1])


def _no_crops(place: Path, crops: int, unreadable: list[InputError]) -> str:
    """Say why no crop of a folder can be used."""
    if unreadable:
        return f"{place}: expected crops, found {crops} unreadable, first {unreadable[0]}"
    return f"{place}: expected crops 00001.jpg and so on, found none; name the crops so."


# The models -----------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Predictor:
    """Everything between crops and predictions.

    Attributes
    ----------
    models
        The trained networks by the path of their checkpoints.
    phase
        Computes the phase differences.
    backbone, spatial
        Computes the features, and the configuration it was built from: that of all checkpoints.
    features
        The record of what features are computed with.
    """

    models: Mapping[Path, Checkpoint]
    phase: PhaseDifference
    backbone: Backbone
    spatial: Mapping[str, object]
    features: Mapping[str, object]

    @classmethod
    def load(cls, paths: Sequence[Path]) -> Predictor:
        """Read the checkpoints and build what computes their inputs.

        Raises
        ------
        InputError
            Where a checkpoint or the backbone's weights cannot be read, or the checkpoints were not trained
            on the same features.
        """
        models = {path: load_checkpoint(path, pick_device()) for path in paths}
        (first, model), *others = models.items()
        for path, other in others:
            _check_kind(path, other.features, str(first), model.features)
        try:
            backbone, about = load_network(model.spatial)
        except InputError as error:
            raise InputError(f"{first} was trained on features that cannot be had: {error}") from error
        # A path may hold other weights now than when the models were trained.
        for path, each in models.items():
            _check_kind(path, each.features, "the weights that are there now give", about)
        logger.info("Predicting with the mean of %s", counted(models, "model"))
        return cls(models, PhaseDifference(build_filters()), backbone, model.spatial, about)

    def predict(self, crops: Crops, nest: Path, progress: Progress) -> pd.DataFrame:
        """Predict every crop of one name.

        Parameters
        ----------
        crops
            The usable crops.
        nest
            An empty folder for the caches, which may be removed afterwards.
        progress
            Counts the frames whose features are computed, which takes nearly all of the time.

        Returns
        -------
        pandas.DataFrame
            name, frame, valence, arousal: the mean of all models, clipped to the labels' range.
        """
        phase, features = nest / "phase", nest / "features"
        write_cache(crops, phase, phase_dtype(), phase_rows(self.phase, crops))
        rows = feature_rows(self.backbone, crops, self.spatial)
        write_cache(crops, features, feature_dtype(self.backbone.width), rows, progress)
        recording = open_recordings([crops.name], [phase], [features])[crops.name]
        return mean_of_folds([_predicted(path, model, recording) for path, model in self.models.items()])


def _check_kind(path: Path, features: Mapping[str, object], where: str, wanted: Mapping[str, object]) -> None:
    """Make sure that a model was trained on features of the kind that is wanted."""
    if told := other_kind(features, wanted):
        raise InputError(
            f"{path}: expected a model trained on the same features as {where}, found {told}; give models of "
            "one run of the workflow, and the weights they were trained with"
        )


def _predicted(path: Path, model: Checkpoint, recording: Recording) -> pd.DataFrame:
    """Return one model's predictions: name, frame, valence, arousal."""
    training = model.training
    frames, values = predict_recording(model.network, recording, training["window"], training["hop"])
    if not np.isfinite(values).all():
        raise InputError(
            f"{path}: expected numbers for the frames of {recording.name}, found none for "
            f"{(~np.isfinite(values).all(axis=1)).sum()} of them; train this fold again"
        )
    table = pd.DataFrame({"name": recording.name, "frame": frames})
    return table.assign(**{dimension: values[:, i] for i, dimension in enumerate(DIMENSIONS)})
