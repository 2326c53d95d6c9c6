"""Which log-mel frames of a video's sound belong to which of its frames."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from mimamo.corpus.brought import BroughtRows
from mimamo.corpus.brought_rows import RowChoice, choose_rows
from mimamo.sound.decoding import Stretch
from mimamo.sound.log_mel import frame_count, log_mel, moving_mean
from mimamo.sound.settings import hop_samples
from mimamo.streams import Settings


def place_sound(
    stretches: Sequence[Stretch], times: np.ndarray, settings: Settings, frames: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Return the log-mel values at some frames of a video.

    Parameters
    ----------
    stretches
        The sound, decoded at ``sample_rate``.
    times
        The time stamps (n,) of the video's frames in seconds, ascending.
    settings
        Of the stream.
    frames
        (m,) the numbers of the frames that are wanted, from 1, ascending.

    Returns
    -------
    values : numpy.ndarray
        (m, bands): the mean of the ``context`` log-mel frames around the one that is nearest to the frame's
        time stamp; zero where there is no sound.
    present : numpy.ndarray
        (m,) bool: which frames have sound.
    """
    values, present = np.zeros((len(frames), int(settings["bands"]))), np.zeros(len(frames), bool)
    for stretch in stretches if len(frames) else ():
        rows = moving_mean(log_mel(stretch.samples, settings), int(settings["context"]))
        choice = _choose(stretch, rows, times, settings, int(frames[-1]))
        found = choice.found[frames - 1] & ~present
        values[found] = choice.values(rows, frames[found])
        present |= found
    return values, present


def frames_with_sound(stretches: Sequence[Stretch], times: np.ndarray, settings: Settings) -> np.ndarray:
    """Return which of a video's frames `place_sound` finds sound for, (n,) bool."""
    present = np.zeros(len(times), bool)
    for stretch in stretches:
        rows = np.zeros((frame_count(len(stretch.samples), settings), 1), np.int8)
        present |= _choose(stretch, rows, times, settings, len(times)).found
    return present


def _choose(
    stretch: Stretch, rows: np.ndarray, times: np.ndarray, settings: Settings, count: int
) -> RowChoice:
    """Choose the rows of a stretch that the frames 1 … `count` get, as of features at a rate."""
    rate = settings["sample_rate"] / hop_samples(settings)
    placed = {"rate": rate, "offset": stretch.start, "pick": "nearest"}
    return choose_rows(BroughtRows(rows), {"rows": placed, "hold": 0}, count, times)
