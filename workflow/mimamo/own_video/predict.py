"""From videos to a table of valence and arousal of every frame, and to films that show them."""

from __future__ import annotations

import hashlib
import json
import logging
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import pandas as pd

from mimamo.audit.symptoms import pluralise
from mimamo.corpus.crop_naming import CropNaming
from mimamo.corpus.extraction import Crops
from mimamo.corpus.inventory import stat_digest
from mimamo.cropping.analysis import Analysis
from mimamo.cropping.batch import CROP_PASSES, find_videos, for_each_video
from mimamo.cropping.crop import CropSettings, crop_video
from mimamo.cropping.crop_table import frame_times, landmarks_of, read_table
from mimamo.cropping.people import People
from mimamo.cropping.progress import FrameProgress
from mimamo.cropping.record import CropRecord
from mimamo.errors import ConfigError, InputError
from mimamo.own_data.crops import Predictor
from mimamo.own_video.film import check_name, write_film
from mimamo.own_video.matching import FaceTrack, matching_seconds
from mimamo.own_video.motion import TrainingMotion
from mimamo.phase.energy import phase_energy
from mimamo.postprocessing.gaps import POLICIES, fill_table
from mimamo.provenance.source_code import code_digest
from mimamo.storage.files import check_writable, file_hash, read_csv, write_csv
from mimamo.storage.frame_cache import open_cache

logger = logging.getLogger(__name__)

#: Columns of the table.
COLUMNS = ("name", "person", "frame", "time_s", "valence", "arousal", "source", "confidence")


@dataclass(frozen=True)
class VideoSettings:
    """How videos are predicted.

    Attributes
    ----------
    crops
        How crops are made.
    match
        Whether landmarks are smoothed so that the crops move as much as those of training.
    policy
        What frames without a crop get, see `mimamo.postprocessing.gaps.fill_videos`.
    """

    crops: CropSettings
    match: bool = False
    policy: str = POLICIES[0]


def predict_videos(
    places: Sequence[Path],
    models: Sequence[Path],
    out: Path,
    settings: VideoSettings,
    crops: Path | None = None,
    film: Path | None = None,
    features: Mapping[str, Path] | None = None,
) -> bool:
    """Predict every frame of videos with the mean of trained models.

    Parameters
    ----------
    places
        Videos, or folders of them.
    models
        The checkpoints, see `mimamo.own_data.crops.predict_own_crops`.
    out
        The CSV to write, with the columns `COLUMNS`: ``name`` is the video, ``person`` the name of one
        person's track in it. Its provenance chain is written beside it.
    settings
        How videos are predicted.
    crops
        The folder that the crops are kept in. By default they go to ``<out>.parts``, from where a call that
        was interrupted goes on, and which is removed at the end.
    film
        The film to write; of several videos, the folder of films ``<name>.mp4``.
    features
        The folder of every stream of features that somebody brings, with a file for each person, called as
        the video unless there are several.

    Returns
    -------
    bool
        Whether no video failed; the table has the others.

    Raises
    ------
    InputError
        Where there is no video, a model cannot be used, all videos fail, or `out` cannot be written.
    """
    videos = find_videos(places)
    films = _films(videos, film)
    parts = out.with_name(f"{out.name}.parts")
    check_writable(out.parent)
    run = _Run.start(models, settings, crops or parts / "crops", parts, features or {})
    passes = CROP_PASSES + 1 + (film is not None) + settings.match
    parts.mkdir(exist_ok=True)
    results = for_each_video(
        videos, passes, lambda video, progress: run.predict(video, films[video], progress)
    )
    if not results:
        shutil.rmtree(parts, ignore_errors=True)
        raise InputError(
            f"{out}: expected a video that can be predicted, found none; see what is reported above"
        )
    write_csv(pd.concat(results.values(), ignore_index=True), out)
    described = {"policy": settings.policy, "smoothing": run.smoothing}
    run.predictor.write_record(out, described, code_digest(Path(__file__)))
    if len(results) == len(videos):
        # Where videos failed, those that did not need not be done again.
        shutil.rmtree(parts, ignore_errors=True)
    logger.info("%s: %s", out, pluralise(results, "video"))
    return len(results) == len(videos)


def _films(videos: Sequence[Path], film: Path | None) -> dict[Path, Path | None]:
    """Return the film of each video."""
    if film is None:
        return dict.fromkeys(videos)
    if len(videos) == 1:
        if film.is_dir():
            raise ConfigError(
                f"--film: expected a file for one video, found the folder {film}; name a file in it"
            )
        check_name(film)
        return {videos[0]: film}
    if film.suffix and not film.is_dir():
        raise ConfigError(f"--film: expected a folder for {len(videos)} films, found {film}; name a folder")
    return {video: film / f"{video.stem}.mp4" for video in videos}


@dataclass(frozen=True)
class _Run:
    """What all videos of one call are predicted with.

    Attributes
    ----------
    predictor, motion
        The models, and how much the crops moved that they were trained on; None where that is not known.
    settings
        How videos are predicted.
    crops, parts
        The folder of crops, and that of the tables of single videos.
    key
        A digest of all that a table depends on besides the crops.
    """

    predictor: Predictor
    motion: TrainingMotion | None
    settings: VideoSettings
    crops: Path
    parts: Path
    key: str

    @classmethod
    def start(
        cls,
        models: Sequence[Path],
        settings: VideoSettings,
        crops: Path,
        parts: Path,
        features: Mapping[str, Path],
    ) -> _Run:
        """Load the models; raise InputError where they cannot be used or cannot be matched."""
        predictor = Predictor.load(models, features)
        motion = TrainingMotion.of_models(predictor.models.values())
        if motion is None and settings.match:
            raise InputError(
                "--smooth match: expected models that hold the phase energy of their training's crops, found "
                f"none in {models[0]}; train them again with this version, or give --smooth in seconds"
            )
        hashes = [file_hash(path) for path in predictor.models]
        content = [settings.policy, hashes, code_digest(Path(__file__))]
        content += [[stream, stat_digest([folder])] for stream, folder in sorted(features.items())]
        key = hashlib.sha256(json.dumps(content).encode()).hexdigest()
        return cls(predictor, motion, settings, crops, parts, key)

    @property
    def smoothing(self) -> float | str:
        """How landmarks are smoothed: seconds, or what the crops' motion is matched with."""
        return f"match {self.motion.median:.6f}" if self.settings.match else self.settings.crops.smoothing

    def predict(self, video: Path, film: Path | None, progress: FrameProgress) -> pd.DataFrame:
        """Cut, predict and show one video; what is there of an earlier call is not done again."""
        choose = (str(self.smoothing), partial(self._matching, progress)) if self.settings.match else None
        record = crop_video(video, self.crops, self.settings.crops, progress.add_frames, choose)
        crop_table = read_table(self.crops / f"{video.stem}.csv")
        identity = hashlib.sha256(f"{self.key} {record}".encode()).hexdigest()
        path = self.parts / f"{video.stem[:40]}.{identity[:16]}.csv"
        if path.is_file():
            table = read_csv(path)
        else:
            table = self._table(video, record, crop_table, progress)
            write_csv(table, path)
        if film is not None and not (film.is_file() and film.stat().st_mtime >= path.stat().st_mtime):
            write_film(
                video, film, record, crop_table, table, self.settings.crops.threads, progress.add_frames
            )
        return table

    def _matching(self, progress: FrameProgress, video: Path, analysis: Analysis, people: People) -> float:
        """Choose the seconds that match training for the largest person."""
        if not people.tracks:
            return self.settings.crops.smoothing
        rows = max(people.tracks.values(), key=lambda rows: analysis.detections.boxes[rows, 2:].prod(1).sum())
        found = analysis.detections
        track = FaceTrack(found.frame[rows], found.time[rows], found.landmarks[rows])
        seconds = self._match(video, analysis.quarter_turns, track)
        progress.add_frames(len(found.times))
        logger.info("%s: landmarks are smoothed over %g s, which matches training best", video, seconds)
        return seconds

    def _match(self, video: Path, quarter_turns: int, track: FaceTrack) -> float:
        """Return the seconds that match training for one person."""
        threads = self.settings.crops.threads
        return matching_seconds(
            video, quarter_turns, track, self.motion.median, self.predictor.phase, threads
        )

    def _table(
        self, video: Path, record: CropRecord, crop_table: pd.DataFrame, progress: FrameProgress
    ) -> pd.DataFrame:
        """Predict one video's people and fill the frames without a crop."""
        tables = [
            self._predict_person(video, record, crop_table, person, progress) for person in record.people
        ]
        ensemble = pd.concat(tables or [pd.DataFrame(columns=["name", "frame", "valence", "arousal"])])
        # Without a face there is nothing that could be repeated.
        policy = self.settings.policy if tables else POLICIES[0]
        lengths = dict.fromkeys(record.people or (video.stem,), record.frames)
        filled = fill_table(ensemble, lengths, policy).rename(columns={"name": "person"})
        times = frame_times(crop_table)
        filled = filled.assign(name=video.stem, time_s=times[filled["frame"].to_numpy() - 1])
        seen = crop_table[["person", "frame", "confidence"]].dropna(subset="person")
        return filled.merge(seen, how="left", on=["person", "frame"])[list(COLUMNS)]

    def _predict_person(
        self, video: Path, record: CropRecord, crop_table: pd.DataFrame, person: str, progress: FrameProgress
    ) -> pd.DataFrame:
        """Predict one person's crops, and report where they move unlike those of training."""
        frames, times, landmarks = landmarks_of(crop_table, person)
        crops = Crops(person, self.crops / person, np.asarray(frames, np.int64), CropNaming())
        with TemporaryDirectory(dir=self.parts) as scratch:
            table = self.predictor.predict(crops, Path(scratch), progress, [video])
            phase = Path(scratch) / "phase" / f"{person}.npy"
            energy = phase_energy(open_cache(phase)) if phase.is_file() else None
        if self.motion is not None and energy is not None and self.motion.is_far(energy):
            best = self._match(video, record.quarter_turns, FaceTrack(frames, times, landmarks))
            logger.warning(
                "%s: the crops do not move as those of training: %s. Arousal depends on that. Landmarks are "
                "smoothed over %g s; %g s would match best (--smooth match)",
                person,
                self.motion.describe(energy),
                record.seconds,
                best,
            )
        return table
