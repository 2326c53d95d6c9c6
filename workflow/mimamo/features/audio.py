"""Caches of the sound of videos: its log-mel values at the frames with a crop."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import numpy as np

from mimamo.audit.records import read_usable
from mimamo.corpus.extraction import Block, Crops, cache_records, find_crops, write_caches
from mimamo.corpus.layout import Corpus
from mimamo.corpus.videos import frame_times
from mimamo.errors import InputError
from mimamo.sound.decoding import Stretch, read_sound
from mimamo.sound.placement import place_sound
from mimamo.storage.frame_cache import BLOCK, brought_dtype
from mimamo.streams import Settings

logger = logging.getLogger("mimamo.features.audio")


def audio_batch(
    keys: Mapping[str, str],
    audit: Path,
    settings: Settings,
    data: Mapping[str, object],
    root: str,
    folder: Path,
    about: Mapping[str, object] | None = None,
) -> None:
    """Write the sound of those names of a batch that have no cache with their key.

    Parameters
    ----------
    keys
        The key of every name of the batch, see `mimamo.storage.name_records`.
    audit
        The folder of the audit's records, which list the usable frames.
    settings
        Of the stream, see `mimamo.streams`.
    data
        The section ``data`` of the configuration.
    root
        The data set's folder.
    folder
        Gets a cache ``<name>.npy`` with rows of `mimamo.storage.frame_cache.brought_dtype` for every name,
        and its record.
    about
        What else is recorded: code and settings.
    """
    if not (names := cache_records(folder).pending(keys)):
        return
    corpus = Corpus.from_config({"data": data}, root)
    batch, dtype = find_crops(read_usable(audit, names), data, root), brought_dtype(int(settings["bands"]))
    write_caches(
        batch,
        keys,
        folder,
        dtype,
        lambda crops: audio_rows(crops, corpus.containers(crops.name), settings),
        about or {},
    )


def audio_rows(crops: Crops, containers: Sequence[Path], settings: Settings) -> Iterator[Block]:
    """Yield the sound at a name's frames, as blocks of rows of a cache.

    A frame without sound is not ``present``, as are all frames of a name without a container, or with one
    that has no sound.

    Parameters
    ----------
    crops
        The name and its usable frames.
    containers
        Its containers, of which the first counts: its sound, and its frames' time stamps.
    settings
        Of the stream.
    """
    stretches, times = _sound_and_times(crops.name, containers, int(settings["sample_rate"]))
    values, present = place_sound(stretches, times, settings, crops.frames)
    for start in range(0, len(crops.frames), BLOCK):
        block = slice(start, start + BLOCK)
        fields = {"present": present[block].astype(np.int16), "pool5": values[block].astype(np.float16)}
        yield crops.frames[block], fields


def _sound_and_times(
    name: str, containers: Sequence[Path], sample_rate: int
) -> tuple[list[Stretch], np.ndarray]:
    """Return the sound of the first container and the time stamps of its frames; both empty without it."""
    if not containers:
        logger.warning("%s: there is no container; the stream is masked in all frames", name)
        return [], np.zeros(0)
    try:
        stretches = read_sound(containers[0], sample_rate)
        times = frame_times(containers[0]) if stretches else np.zeros(0)
    except InputError as error:
        logger.warning("%s; the stream is masked in all frames of %s", error, name)
        return [], np.zeros(0)
    if not stretches:
        logger.warning("%s: there is no sound; the stream is masked in all frames", containers[0])
    return stretches, times
