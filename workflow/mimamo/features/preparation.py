"""Crops as the backbone's input: read, resized and cut out; for a GPU in processes that read ahead.

Decoding a crop takes many short calls, for which threads of one process would wait for each other: sixteen of
them read no more than one.
"""

from __future__ import annotations

import mmap
import multiprocessing
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import islice

import numpy as np

from mimamo.corpus.crops import read_crop
from mimamo.corpus.extraction import Crops
from mimamo.corpus.opencv import cv2
from mimamo.errors import InputError

#: Processes that read ahead at most, which keeps the memory small; eight read faster than a GPU computes.
MOST_PROCESSES = 8

#: Frame numbers and prepared crops.
Images = tuple[np.ndarray, np.ndarray]

#: Yields the images of a name, a block at a time; each block is valid until the next one is asked for.
BlockReader = Callable[[Crops], Iterator[Images]]


@dataclass(frozen=True)
class Preparation:
    """How crops become input.

    Attributes
    ----------
    size, resize, bicubic
        See `prepare`.
    batch_size
        Crops in a block.
    """

    size: int
    resize: int
    bicubic: bool
    batch_size: int

    def blocks(self, crops: Crops) -> Iterator[Images]:
        """Yield frame numbers and prepared crops of a name, each block read when it is wanted."""
        for numbers in self.split(crops):
            yield numbers, self.read(crops, numbers)

    def split(self, crops: Crops) -> list[np.ndarray]:
        """Return the frame numbers of the blocks of a name."""
        starts = range(0, len(crops.frames), self.batch_size)
        return [crops.frames[start : start + self.batch_size] for start in starts]

    def read(self, crops: Crops, numbers: np.ndarray) -> np.ndarray:
        """Read and prepare the crops of some frames: (n, size, size, 3) uint8."""
        images = (read_crop(crops.path(int(number))) for number in numbers)
        return prepare(images, self.size, self.resize, self.bicubic)


@contextmanager
def block_reader(batch: list[Crops], preparation: Preparation, processes: int) -> Iterator[BlockReader]:
    """Yield what reads the crops of a batch of names, each name once and in the order of the batch.

    Parameters
    ----------
    batch
        The names' crops.
    preparation
        How they become input.
    processes
        How many processes read ahead, across names; with none, each block is read when it is wanted. The
        blocks are the same either way, and so is what is said of a crop that cannot be read.
    """
    if not processes:
        yield preparation.blocks
        return
    count = min(processes, MOST_PROCESSES)
    block_bytes = preparation.batch_size * preparation.size**2 * 3
    # Anonymous memory, which the processes inherit: named memory is scarce in many containers.
    slots = [mmap.mmap(-1, block_bytes) for _ in range(count + 2)]
    # They touch neither torch nor the GPU. Another way to start them would run a job's script anew.
    context = multiprocessing.get_context("fork")
    pool = ProcessPoolExecutor(count, context, initializer=_start, initargs=(slots, preparation))
    try:
        images = _read_ahead(pool, slots, batch, preparation)
        yield lambda crops: islice(images, len(preparation.split(crops)))
    finally:
        pool.shutdown(wait=True, cancel_futures=True)


def _read_ahead(
    pool: ProcessPoolExecutor, slots: list[mmap.mmap], batch: list[Crops], preparation: Preparation
) -> Iterator[Images]:
    """Yield the blocks of all names in order, while the processes fill the slots that are free."""
    blocks = iter([(crops, numbers) for crops in batch for numbers in preparation.split(crops)])
    waiting: deque[tuple[np.ndarray, int, Future[str | None]]] = deque()
    free = deque(range(len(slots)))
    in_use: int | None = None
    while True:
        if in_use is not None:
            free.append(in_use)
        for crops, numbers in islice(blocks, len(free)):
            slot = free.popleft()
            waiting.append((numbers, slot, pool.submit(_fill, slot, crops, numbers)))
        if not waiting:
            return
        numbers, in_use, future = waiting.popleft()
        try:
            error = future.result()
        except BrokenProcessPool:
            raise RuntimeError(
                "a process that reads crops was killed, perhaps because the job ran out of memory; give the "
                "job more memory, or fewer threads"
            ) from None
        if error is not None:
            raise InputError(error)
        yield numbers, _images(slots[in_use], len(numbers), preparation.size)


#: What a process that reads ahead knows: the slots, and how crops are prepared.
_inherited: tuple[list[mmap.mmap], Preparation]


def _start(slots: list[mmap.mmap], preparation: Preparation) -> None:
    """Keep what a process that reads ahead needs."""
    global _inherited
    _inherited = slots, preparation


def _fill(slot: int, crops: Crops, numbers: np.ndarray) -> str | None:
    """Read a block into a slot; return what is wrong with the first crop that cannot be read."""
    slots, preparation = _inherited
    try:
        _images(slots[slot], len(numbers), preparation.size)[:] = preparation.read(crops, numbers)
    except InputError as error:
        return str(error)
    return None


def _images(memory: mmap.mmap, count: int, size: int) -> np.ndarray:
    """Return the images that lie in a slot, (count, size, size, 3) uint8."""
    return np.ndarray((count, size, size, 3), np.uint8, memory)


def prepare(crops: Iterable[np.ndarray], size: int, resize: int, bicubic: bool = False) -> np.ndarray:
    """Resize crops, and cut out their centre at the network's input size.

    Parameters
    ----------
    crops
        (height, width, 3) RGB, uint8.
    size
        Width and height of the input.
    resize
        Length of a crop's shorter side after resizing, before its centre is cut out; at least `size`. Where
        they are equal, nothing of a square crop is cut off; most networks were trained with 256 for 224.
    bicubic
        Whether crops are enlarged with bicubic instead of linear interpolation.

    Returns
    -------
    numpy.ndarray
        (n, size, size, 3) uint8.
    """
    return np.stack([_resize_and_crop(crop, size, resize, bicubic) for crop in crops])


def _resize_and_crop(crop: np.ndarray, size: int, resize: int, bicubic: bool) -> np.ndarray:
    """Resize one crop and cut out its centre: (size, size, 3) uint8, see `prepare`."""
    height, width = crop.shape[:2]
    scale = resize / min(height, width)
    shape = (round(width * scale), round(height * scale))
    # Averaging over areas avoids aliasing; it cannot enlarge.
    enlargement = cv2.INTER_CUBIC if bicubic else cv2.INTER_LINEAR
    resized = cv2.resize(crop, shape, interpolation=cv2.INTER_AREA if scale < 1 else enlargement)
    left, top = (shape[0] - size) // 2, (shape[1] - size) // 2
    return resized[top : top + size, left : left + size]
