"""The film of a prediction: the video with boxes, curves, the valence-arousal plane and its sound."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from mimamo import DIMENSIONS
from mimamo.cropping.analysis import OnFrames
from mimamo.cropping.crop_table import BOX, frame_times
from mimamo.cropping.decoding import DEFAULT_RATE, decode
from mimamo.cropping.record import CropRecord
from mimamo.errors import ConfigError
from mimamo.own_video.drawing import Canvas, PersonValues
from mimamo.own_video.sound import sound_of
from mimamo.postprocessing.gaps import MISSING
from mimamo.storage.files import atomic_write

if TYPE_CHECKING:
    import av

#: Ticks per second of a film's time stamps: those of MPEG, which all common frame rates go into.
TICKS = 90_000
#: Encoders, the first that there is; the first is under the GPL and comes in PyAV's own packages.
_ENCODERS = (("libx264", {"crf": "20", "preset": "veryfast"}), ("mpeg4", {"qscale": "3"}))
#: Endings of films.
SUFFIXES = (".mp4", ".m4v", ".mov", ".mkv")


def write_film(
    video: Path,
    film: Path,
    record: CropRecord,
    crop_table: pd.DataFrame,
    table: pd.DataFrame,
    threads: int = 1,
    on_frames: OnFrames = lambda frames: None,
) -> None:
    """Write the film of a video's prediction.

    Every frame of the video is a frame of the film, at its own time; sound is copied.

    Parameters
    ----------
    video
        The video.
    film
        The file to write, ending as one of `SUFFIXES`.
    record, crop_table
        What was cut out of the video.
    table
        Its prediction: person, frame, valence and arousal among its columns.
    threads
        Threads of the decoder.
    on_frames
        Counts the frames.

    Raises
    ------
    ConfigError
        Where the film's name does not end as one.
    InputError
        Where the video cannot be read any more.
    OutputError
        Where the film cannot be written.
    """
    check_name(film)
    times = frame_times(crop_table)
    canvas = Canvas(record.size, times, _people(video.stem, record, crop_table, table))
    begin = _first_time(video)
    rate = (len(times) - 1) / (times[-1] - times[0]) if len(times) > 1 else DEFAULT_RATE
    with (
        atomic_write(film) as fresh,
        _writer(fresh, canvas.size, Fraction(rate).limit_denominator(1001)) as (container, stream),
        sound_of(video, container, begin) as sound,
    ):
        import av

        last = -1
        for frame in decode(video, threads, record.quarter_turns):
            if frame.number > len(times):
                break
            image = canvas.draw(frame.number, frame.pixels(canvas.picture))
            picture = av.VideoFrame.from_ndarray(image, format="bgr24")
            picture.time_base = Fraction(1, TICKS)
            picture.pts = last = max(round(times[frame.number - 1] * TICKS), last + 1)
            container.mux(stream.encode(picture))
            if sound is not None:
                sound.write_until(times[frame.number - 1])
            on_frames(1)
        container.mux(stream.encode(None))
        if sound is not None:
            sound.write_rest()


def check_name(film: Path) -> None:
    """Raise ConfigError where a film's name does not end as one."""
    if film.suffix.lower() not in SUFFIXES:
        raise ConfigError(
            f"--film: expected a name ending with one of {', '.join(SUFFIXES)}, found {film.name}; rename it"
        )


def _people(
    video: str, record: CropRecord, crop_table: pd.DataFrame, table: pd.DataFrame
) -> dict[str, PersonValues]:
    """Return the values and boxes of all people, of every frame."""
    people = {}
    for person in record.people:
        values = np.full((record.frames, 2), np.nan)
        rows = table[table["person"] == person]
        values[rows["frame"].to_numpy() - 1] = rows[list(DIMENSIONS)].to_numpy()
        values[(values == MISSING).any(axis=1)] = np.nan
        boxes = np.full((record.frames, 4), np.nan)
        seen = crop_table[crop_table["person"] == person]
        boxes[seen["frame"].to_numpy() - 1] = seen[list(BOX)].to_numpy()
        people[person] = PersonValues(person.removeprefix(video).removeprefix("_"), values, boxes)
    return people


def _first_time(video: Path) -> float:
    """Return the seconds in the video of its first frame, from which the times of the frames count."""
    frame = next(decode(video))
    return float(frame.image.time or 0.0)


@contextmanager
def _writer(
    path: Path, size: tuple[int, int], rate: Fraction
) -> Iterator[tuple[av.container.OutputContainer, av.VideoStream]]:
    """Open a film for writing, with a stream for its pictures."""
    import av

    name, options = next((name, options) for name, options in _ENCODERS if name in av.codecs_available)
    with av.open(str(path), "w") as container:
        stream = container.add_stream(name, rate=rate, options=options)
        stream.width, stream.height = size
        stream.pix_fmt = "yuv420p"
        stream.codec_context.time_base = Fraction(1, TICKS)
        yield container, stream
