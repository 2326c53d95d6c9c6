"""Extraction of phase differences: from the crops of a batch of names to cache files."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from functools import partial
from pathlib import Path

import numpy as np

from mimamo.audit.records import read_usable
from mimamo.corpus.extraction import Block, Crops, cache_records, find_crops, write_caches
from mimamo.errors import InputError
from mimamo.phase.differences import PhaseDifference, stream_differences
from mimamo.phase.grey import grey48
from mimamo.phase.steerable_pyramid import load_filters
from mimamo.storage.frame_cache import all_finite, phase_dtype

#: Frames computed together: few enough that their maps fit into the CPU's caches.
FRAMES_AT_ONCE = 32


def phase_batch(
    keys: Mapping[str, str],
    audit: Path,
    filters: Path,
    data: Mapping[str, object],
    root: str,
    folder: Path,
    about: Mapping[str, object] | None = None,
    others: Iterable[Path] = (),
) -> None:
    """Write the phase differences of those names of a batch that have no cache with their key.

    Parameters
    ----------
    keys
        The key of every name of the batch, see `mimamo.storage.name_records`.
    audit
        The folder of the audit's records, which list the usable crops.
    filters
        The pyramid's filters, a file of `mimamo.phase.steerable_pyramid.save_filters`.
    data, root
        The section ``data`` of the configuration, and the data set's folder.
    folder
        Gets a cache ``<name>.npy`` with rows of `mimamo.storage.frame_cache.phase_dtype` for every name, and
        its record.
    about
        What else is recorded: code and settings.
    others
        Such folders of other runs, whose caches with the same keys are taken over.

    Raises
    ------
    InputError
        Where the filters, or a crop that the audit could read, cannot be read.
    """
    records = cache_records(folder)
    records.take_over(keys, others)
    # On the CPU, even where there is a GPU: decoding the crops takes several times as long as this.
    module = PhaseDifference(load_filters(filters))
    batch = find_crops(read_usable(audit, records.pending(keys)), data, root)
    write_caches(batch, keys, folder, phase_dtype(), partial(phase_rows, module), about or {})


def phase_rows(module: PhaseDifference, crops: Crops) -> Iterator[Block]:
    """Yield the phase differences of one name's crops, as blocks of rows of a cache.

    Raises
    ------
    InputError
        Where a crop cannot be read, or a difference is not a finite number.
    """
    frames: Iterator[tuple[np.ndarray, np.ndarray]] = (
        (numbers, grey48(images)) for numbers, images in crops.blocks(FRAMES_AT_ONCE, grey=True)
    )
    for numbers, level1, level2 in stream_differences(module, frames):
        if not (all_finite(level1) and all_finite(level2)):
            raise InputError(
                f"{crops.folder}: expected numbers as phase differences of the crops {numbers[0]} to "
                f"{numbers[-1]}, found others, as filters with far too large values give; delete "
                "filters.npz, so that the workflow recreates it"
            )
        yield numbers, {"level1": level1, "level2": level2}
