"""Windows whose inputs and labels lie in the memory of the device that trains, whole, before the first step.

A GPU takes the steps of a training faster than windows can be read, cut, stacked and copied to it.
"""

from __future__ import annotations

import logging

import numpy as np
import torch
from torch import Tensor

from mimamo.dataset.recordings import LEVELS, RIDGE, Recording, WindowDataset, present_field
from mimamo.device import to_device

logger = logging.getLogger(__name__)

#: Bytes of a GPU's free memory that are left to the network, its optimiser and a step.
RESERVED = 8 * 2**30


class ResidentWindows:
    """The windows of a `WindowDataset`, in the memory of a device.

    Every frame is there once, though windows overlap; a batch is gathered by row numbers. The first row of
    each store is zero: padding, and differences without a crop.

    Parameters
    ----------
    windows
        The windows.
    device
        The device.

    Raises
    ------
    InputError
        Where a labelled frame has no features, or a cache is damaged.
    """

    def __init__(self, windows: WindowDataset, device: torch.device) -> None:
        self.device = device
        self._sizes = torch.tensor([window.frames for window in windows.windows])
        self._length = windows.length
        recordings = _recordings_of(windows)
        rows = 1 + sum(len(recording.frames) for recording in recordings.values())
        self._stores: dict[str, Tensor] = {}
        offset, offsets = 1, {}
        for name, recording in recordings.items():
            offsets[name] = offset
            for block in recording.blocks():
                fields = _fields_of(block)
                self._put(rows, offset, fields)
                offset += len(next(iter(fields.values())))
        self._index_windows(windows, recordings, offsets)

    def _put(self, rows: int, offset: int, fields: dict[str, np.ndarray]) -> None:
        """Copy a block of frames to the stores, which are made for the first one."""
        for field, values in fields.items():
            if field not in self._stores:
                store = torch.empty(rows, *values.shape[1:], dtype=torch.float16, device=self.device)
                self._stores[field] = store
                store[0] = 0
            block = torch.from_numpy(np.ascontiguousarray(values))
            self._stores[field][offset : offset + len(values)].copy_(block)

    def _index_windows(
        self, windows: WindowDataset, recordings: dict[str, Recording], offsets: dict[str, int]
    ) -> None:
        """Note which rows of the stores each window has, and copy the labels."""
        context = windows.context
        reach = context.before + context.after
        count = len(windows.windows)
        frames = np.zeros((count, self._length), np.int32)
        maps = np.zeros((count, self._length + reach), np.int32)
        target = np.zeros((count, self._length, 2), np.float32)
        ridge = None if windows.ridge is None else np.zeros_like(target)
        labelled = np.zeros((count, self._length), bool)
        present = {
            stream: np.zeros((count, self._length), bool)
            for recording in recordings.values()
            for stream in recording.widths
            if recording.lacks_frames(stream)
        }
        for number, window in enumerate(windows.windows):
            recording, size = recordings[window.name], window.frames
            first, offset = window.first - context.before, offsets[window.name]
            rows = _rows_of(recording, first, size + reach, offset)
            own = rows[context.before : context.before + size]
            target[number, :size], labelled[number, :size] = windows.targets(window)
            if ridge is not None:
                ridge[number, :size] = windows.of_labelled(window, windows.ridge[window.name])[0]
            if not own[needed := labelled[number, :size]].all():
                # Says which frames are missing, and what to do.
                recording.held_values(next(iter(recording.widths)), window.first, needed)
            for stream, found in present.items():
                found[number, :size] = recording.held_present(stream, window.first, size)
            maps[number, : size + reach] = rows
            # Rows ascend, so the last one so far is that of the last frame with a crop.
            frames[number, :size] = np.maximum.accumulate(own)
        self._frames, self._maps, self._targets = (
            torch.from_numpy(values).to(self.device) for values in (frames, maps, target)
        )
        self._ridge = {} if ridge is None else {RIDGE: torch.from_numpy(ridge).to(self.device)}
        self._labelled = torch.from_numpy(labelled)
        self._present = {present_field(stream): torch.from_numpy(found) for stream, found in present.items()}

    def batch(self, numbers: list[int]) -> dict[str, Tensor]:
        """Return the batch of the windows `numbers`, bit for bit that of the `WindowDataset`.

        All of it is on the device but ``valid``, ``labelled`` and what says which frames a stream has, by
        which the CPU decides how a step is taken.
        """
        chosen = torch.tensor(numbers)
        present = {field: found[chosen] for field, found in self._present.items()}
        valid = torch.arange(self._length) < self._sizes[chosen][:, None]
        labelled = self._labelled[chosen]
        chosen = to_device(chosen, self.device)
        rows, maps = self._frames[chosen], self._maps[chosen]
        gathered = {field: self._gather(field, maps if field in LEVELS else rows) for field in self._stores}
        return gathered | {
            **present,
            **{field: values[chosen] for field, values in self._ridge.items()},
            "target": self._targets[chosen],
            "valid": valid,
            "labelled": labelled,
        }

    def _gather(self, field: str, rows: Tensor) -> Tensor:
        """Return the rows (windows, n) of a store: (windows, n, …)."""
        return self._stores[field].index_select(0, rows.flatten()).unflatten(0, rows.shape)


def _fields_of(block: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
    """Return the values of a block of frames by field of a batch, of the rows of every stream's cache."""
    fields = {}
    for stream, rows in block.items():
        levels = {level: rows[level] for level in LEVELS if level in rows.dtype.names}
        fields |= levels or {stream: rows["pool5"]}
    return fields


def _recordings_of(windows: WindowDataset) -> dict[str, Recording]:
    """Return the recordings that windows are cut from, by name."""
    names = dict.fromkeys(window.name for window in windows.windows)
    return {name: windows.recordings[name] for name in names}


def _rows_of(recording: Recording, first: int, count: int, offset: int) -> np.ndarray:
    """Return the rows of the frames ``first … first + count - 1``, zero for those without a crop.

    Parameters
    ----------
    recording
        The recording.
    first, count
        The frames.
    offset
        The row of the recording's first frame.
    """
    start, stop = np.searchsorted(recording.frames, [first, first + count])
    rows = np.zeros(count, np.int32)
    rows[recording.frames[start:stop] - first] = np.arange(offset + start, offset + stop)
    return rows


def resident_bytes(windows: WindowDataset) -> int:
    """Return the memory in bytes that `ResidentWindows` take."""
    recordings = _recordings_of(windows)
    rows = sum(recording.row_bytes * len(recording.frames) for recording in recordings.values())
    reach = windows.context.before + windows.context.after
    return rows + len(windows.windows) * (4 * (windows.length + windows.length + reach) + 8 * windows.length)


def resident_windows(windows: WindowDataset, device: torch.device) -> ResidentWindows | None:
    """Copy windows to a GPU, where they fit into what is free of its memory; None elsewhere.

    A batch is the same bytes either way.
    """
    if device.type != "cuda":
        return None
    needed, free = resident_bytes(windows), torch.cuda.mem_get_info(device)[0]
    if needed > free - RESERVED:
        logger.info(
            "The %.1f GB of inputs do not fit together with the network into the free GPU memory, %.1f GB: "
            "every batch is read from disk",
            needed / 1e9,
            free / 1e9,
        )
        return None
    logger.info("Copying %.1f GB of inputs to the GPU", needed / 1e9)
    return ResidentWindows(windows, device)
