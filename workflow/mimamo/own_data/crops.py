"""Prediction of a user's own aligned crops, without any of Aff-Wild2's lists.

Audit, caches, the folds' predictions, ensemble and gap filling use the same functions as in the workflow, one
name after the other, so that neither memory nor disk grows with the number of names.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory

import pandas as pd

from mimamo import DIMENSIONS
from mimamo.audit.symptoms import pluralise
from mimamo.corpus.extraction import Crops, ProgressLogger, write_cache
from mimamo.corpus.layout import Corpus
from mimamo.dataset.recordings import open_recordings
from mimamo.device import pick_device
from mimamo.errors import InputError
from mimamo.evidence.caveats import prediction_caveat
from mimamo.features.audio import audio_rows
from mimamo.features.backbone import Backbone
from mimamo.features.brought import brought_rows, frames_with_rows
from mimamo.features.extract import feature_rows, load_network
from mimamo.model.checkpoint import Checkpoint, load_checkpoint
from mimamo.model.inference import predict_name
from mimamo.own_data.clips import Clip, find_clips, name_folders
from mimamo.own_data.given_models import check_kind
from mimamo.phase.cache import phase_rows
from mimamo.phase.differences import PhaseDifference
from mimamo.phase.steerable_pyramid import build_filters
from mimamo.postprocessing.ensemble import combine
from mimamo.postprocessing.gaps import POLICIES, fill_table
from mimamo.provenance.chain import chain_weights, write_command
from mimamo.provenance.source_code import code_digest
from mimamo.storage.files import join_tables, write_csv
from mimamo.storage.frame_cache import brought_dtype, feature_dtype, phase_dtype
from mimamo.storage.paths import describe_error, describe_path
from mimamo.streams import (
    Settings,
    audio_streams,
    backbone_stage,
    brought_streams,
    phase_stream,
    spatial_sections,
    stage_of,
)

logger = logging.getLogger(__name__)


def predict_own_crops(
    folder: Path,
    models: Sequence[Path],
    out: Path,
    policy: str = POLICIES[0],
    features: Mapping[str, Path] | None = None,
) -> pd.DataFrame:
    """Predict every frame of a folder of crops with the mean of trained models.

    Parameters
    ----------
    folder
        Crops ``00001.jpg``, … of one name, or one folder of them per name; they may be named otherwise, see
        `mimamo.corpus.crop_naming`, as long as all are named alike.
    models
        The checkpoints, trained on features of one kind; one given twice counts once.
    out
        The CSV to write: name, frame (1 … highest crop), valence, arousal, source; sorted by name and frame.
        Its provenance chain is written beside it, as ``<name>.csv.json``.
    policy
        What to do with frames without a usable crop, see `mimamo.postprocessing.gaps.fill_videos`.
    features
        The folder of every stream that the models were trained on and whose features are read from files,
        with a file for each name.

    Returns
    -------
    pandas.DataFrame
        The table written.

    Raises
    ------
    InputError
        Where there is no usable crop, a model cannot be used, does not fit the others or was trained on
        sound, or `out` cannot be written.
    """
    with _caches_beside(out) as caches:
        # A look at the folder takes no time, to load a network some seconds, to decode crops minutes.
        folders = name_folders(folder)
        predictor = Predictor.load(models, features)
        _refuse_sound(folder, predictor.streams)
        clips = find_clips(folders)
        progress = ProgressLogger(len(clips), sum(len(clip.crops.frames) for clip in clips))
        tables = []
        for number, clip in enumerate(clips, start=1):
            _log_name(clip, number, len(clips))
            with TemporaryDirectory(dir=caches) as scratch:
                tables.append(predictor.predict(clip.crops, Path(scratch), progress))
            progress.add_name(clip.crops.name)
    lengths = {clip.crops.name: clip.length for clip in clips}
    table = fill_table(join_tables(tables, ["name", "frame", *DIMENSIONS]), lengths, policy)
    write_csv(table, out)
    predictor.write_record(out, {"policy": policy}, code_digest(Path(__file__)))
    logger.info("%s: %d frames of %s", out, len(table), pluralise(clips, "name"))
    return table


@contextmanager
def _caches_beside(out: Path) -> Iterator[str]:
    """Create a temporary folder beside the output file, which fails early where that cannot be written.

    The system's own folder for temporary files is often in memory.
    """
    advice = "set --out to a file in a folder that can be written to"
    if out.is_dir():
        raise InputError(f"{out}: expected a file to write, found a folder; {advice}")
    try:
        out.parent.mkdir(parents=True, exist_ok=True)
        scratch = TemporaryDirectory(prefix=f".{out.name[:40]}.", dir=out.parent)
    except OSError as error:
        raise InputError(
            f"{out}: expected a folder that can be written to, found {describe_error(out.parent, error)}; "
            f"{advice}"
        ) from None
    with scratch as caches:
        yield caches


def _log_name(clip: Clip, number: int, names: int) -> None:
    """Log the name that is predicted next, its usable crops and its length."""
    logger.info(
        "%s (%d of %d): %s for %d frames",
        clip.crops.name,
        number,
        names,
        pluralise(clip.crops.frames, "usable crop"),
        clip.length,
    )


@dataclass(frozen=True)
class Predictor:
    """The trained models, and what computes their inputs from crops.

    Attributes
    ----------
    models
        The trained networks by the path of their checkpoints.
    phase
        Computes the phase differences.
    backbones
        Compute the features of every stream of a backbone; those with equal settings are one.
    spatial
        The section ``spatial`` of all checkpoints' configuration.
    features
        The records of what the features are computed with, by stream.
    streams
        The streams of all checkpoints, with the folders of those that are brought.
    """

    models: Mapping[Path, Checkpoint]
    phase: PhaseDifference
    backbones: Mapping[str, Backbone]
    spatial: Mapping[str, object]
    features: Mapping[str, Mapping[str, object]]
    streams: Mapping[str, Settings]

    @classmethod
    def load(cls, paths: Sequence[Path], brought: Mapping[str, Path] | None = None) -> Predictor:
        """Read the checkpoints and build what computes their inputs.

        Parameters
        ----------
        paths
            The checkpoints.
        brought
            The folder of every stream of features that is brought.

        Raises
        ------
        InputError
            Where a checkpoint or the backbone's weights cannot be read, the checkpoints were not trained on
            the same features, or `brought` are not the streams that they need.
        """
        models = {path: load_checkpoint(path, pick_device()) for path in paths}
        (first, model), *others = models.items()
        for path, other in others:
            check_kind(path, other.features, str(first), model.features)
            if other.streams != model.streams:
                raise InputError(
                    f"{path}: expected a model of the same streams as {first}, found others; give models of "
                    "one run of the workflow"
                )
        streams = _with_folders(first, model.streams, brought or {})
        backbones, records = _load_backbones(models)
        logger.info("Predicting with the mean of %s", pluralise(models, "model"))
        predictor = cls(models, PhaseDifference(build_filters()), backbones, model.spatial, records, streams)
        if predictor.caveat:
            logger.warning("What these models predict: %s", predictor.caveat)
        return predictor

    @property
    def caveat(self) -> str:
        """What the predictions have to be shown with; empty without anything."""
        return prediction_caveat([model.trained_on for model in self.models.values()])

    def write_record(self, out: Path, settings: Mapping[str, object], code: str) -> None:
        """Write the provenance chain of a table beside it.

        Parameters
        ----------
        out
            The table.
        settings
            What was set beside the features.
        code
            The digest of the code that made it.
        """
        described = {**settings, "spatial": self.spatial}
        write_command(out, list(self.models), described, chain_weights(self.features), code, self.caveat)

    def predict(
        self, crops: Crops, scratch: Path, progress: ProgressLogger, containers: Sequence[Path] = ()
    ) -> pd.DataFrame:
        """Predict every crop of one name.

        Parameters
        ----------
        crops
            The usable crops.
        scratch
            An empty folder for the caches, which may be removed afterwards.
        progress
            Counts the frames whose features are computed, which takes nearly all of the time.
        containers
            The video that the crops are of, where it is known: its time stamps say which rows of brought
            features belong to a frame, and streams of sound are made of it.

        Returns
        -------
        pandas.DataFrame
            name, frame, valence, arousal: the mean of all models, clipped to the labels' range.
        """
        crops = self._without_dropped(crops, list(containers))
        caches = {
            stream: scratch / stage_of(stream, settings, self.spatial, self.spatial)
            for stream, settings in self.streams.items()
        }
        if (motion := phase_stream(self.streams)) is not None:
            write_cache(crops, caches[motion], phase_dtype(), phase_rows(self.phase, crops))
        for stream, settings in brought_streams(self.streams).items():
            self._bring(stream, settings, crops, caches[stream], containers)
        for stream, settings in audio_streams(self.streams).items():
            rows = audio_rows(crops, containers, settings)
            write_cache(crops, caches[stream], brought_dtype(int(settings["bands"])), rows)
        sections = spatial_sections(self.streams, self.spatial)
        # Streams with equal settings share a cache.
        computed = {caches[stream]: stream for stream in sections}
        for number, (folder, stream) in enumerate(computed.items(), start=1):
            backbone = self.backbones[stream]
            rows = feature_rows(backbone, crops, sections[stream])
            # A frame counts when its last features are there.
            counter = progress if number == len(computed) else None
            write_cache(crops, folder, feature_dtype(backbone.width), rows, counter)
        if not computed:
            progress.add_frames(len(crops.frames))
        recording = open_recordings([crops.name], caches)[crops.name]
        return combine([predict_name(path, model, recording) for path, model in self.models.items()])

    def _bring(
        self, stream: str, settings: Settings, crops: Crops, folder: Path, containers: Sequence[Path]
    ) -> None:
        """Write the cache of a stream of features that is brought, by the rules that training went by."""
        network = next(iter(self.models.values())).network.config
        width = next(sizes.inputs for sizes in network.streams if sizes.name == stream)
        path = _features_file(stream, settings, crops.name)
        rows = brought_rows(crops, path, settings, list(containers), width)
        write_cache(crops, folder, brought_dtype(width), rows)

    def _without_dropped(self, crops: Crops, containers: list[Path]) -> Crops:
        """Return crops without the frames that training left out, as they have no features of a stream."""
        for stream, settings in brought_streams(self.streams).items():
            if settings["missing"] == "drop":
                path = _features_file(stream, settings, crops.name)
                found = frames_with_rows(crops, path, settings, containers)
                if not found.any():
                    raise InputError(
                        f"{path}: expected rows for the {len(found)} crops of {crops.name}, found none; "
                        "check whether file and crops belong together"
                    )
                crops = replace(crops, frames=crops.frames[found])
        return crops


def _load_backbones(
    models: Mapping[Path, Checkpoint],
) -> tuple[dict[str, Backbone], dict[str, dict[str, object]]]:
    """Return the backbones that the models were trained on, and the records of their features, by stream."""
    first, model = next(iter(models.items()))
    backbones, records, found = {}, {}, {}
    for stream, section in spatial_sections(model.streams, model.spatial).items():
        stage = backbone_stage(section, model.spatial)
        try:
            if stage not in found:
                found[stage] = load_network(section)
        except InputError as error:
            raise InputError(f"{first} was trained on features that are not available: {error}") from error
        backbones[stream], records[stream] = found[stage]
    # A path may hold other weights now than when the models were trained.
    for path, checkpoint in models.items():
        check_kind(path, checkpoint.features, "the weights that are there now give", records)
    return backbones, records


def _refuse_sound(folder: Path, streams: Mapping[str, Settings]) -> None:
    """Raise InputError where models were trained on sound, which crops have none of."""
    for stream in audio_streams(streams):
        raise InputError(
            f"{folder}: expected videos, as the models were trained on their sound (the stream {stream}), "
            "found crops; give the videos that they are of"
        )


def _features_file(stream: str, settings: Settings, name: str) -> Path:
    """Return the file of features of a name; raise InputError where there is none, or several."""
    corpus = Corpus.from_config({"data": {}, "streams": {stream: settings}}, ".")
    files = corpus.brought_files(name)[stream]
    if len(files) > 1:
        raise InputError(
            f"{files[0]}: expected one file of features of {name}, found also {files[1].name!r}; remove the "
            "others"
        )
    if not files:
        raise InputError(
            f"{settings['folder']}: expected a file of features of {name} for the stream {stream}, found "
            f"none; bring {name}.npy, computed as for the training"
        )
    return files[0]


def _with_folders(
    path: Path, streams: Mapping[str, Settings], brought: Mapping[str, Path]
) -> dict[str, Settings]:
    """Return the streams of a model with the folders of those that are brought.

    Raises
    ------
    InputError
        Where one of them has no folder, or a folder is given for another one.
    """
    needed = brought_streams(streams)
    if missing := [stream for stream in needed if stream not in brought]:
        given = " ".join(f"--features {stream}=FOLDER" for stream in missing)
        raise InputError(
            f"{path} was trained on features from files: expected {' and '.join(missing)}, found "
            f"none; give their folders with {given}"
        )
    if others := [stream for stream in brought if stream not in needed]:
        there = " and ".join(needed) or "none"
        raise InputError(
            f"--features {others[0]}: expected a stream that {path} was trained on and that is read from "
            f"files, which are {there}; leave it out"
        )
    for stream, folder in brought.items():
        if not folder.is_dir():
            raise InputError(
                f"--features {stream}: expected a folder of features, found {describe_path(folder)}; correct "
                "the path"
            )
    return {
        name: {**settings, "folder": str(brought[name])} if name in needed else settings
        for name, settings in streams.items()
    }
