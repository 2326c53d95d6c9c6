"""A training's curves for TensorBoard, written while it lasts."""

from __future__ import annotations

import logging
import shutil
from collections.abc import Iterable, Mapping
from pathlib import Path
from types import TracebackType

from mimamo import DIMENSIONS

logger = logging.getLogger(__name__)

#: Tag in TensorBoard by column of the history. A slash puts curves into one group.
TAGS = {
    "loss": "loss",
    "learning_rate": "learning rate",
    **{f"{part}_ccc_{name}": f"CCC {name}/{part}" for name in DIMENSIONS for part in ("train", "stop")},
}


class EventLog:
    """Scalars of every epoch; closed at the end of a ``with`` block.

    A training that is taken up again writes all epochs anew: none is there twice, and none is lost that had
    not reached the disk when it was killed.

    Parameters
    ----------
    folder
        Where TensorBoard looks. What an earlier training left there is removed. None: nothing is written.
    rows
        Rows of the history so far.
    """

    def __init__(self, folder: Path | None, rows: Iterable[Mapping[str, float]] = ()) -> None:
        self._writer = None if folder is None else _writer(Path(folder))
        for row in rows:
            self.add(row)

    def add(self, row: Mapping[str, float]) -> None:
        """Add an epoch's row of the history."""
        if self._writer is not None:
            for column, tag in TAGS.items():
                self._writer.add_scalar(tag, row[column], int(row["epoch"]))
            self._writer.flush()

    def __enter__(self) -> EventLog:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._writer is not None:
            self._writer.close()


def _writer(folder: Path):
    """Start a log of events in an empty folder; None, and a word about it, where TensorBoard is missing."""
    try:
        # Late: it takes a second, and nothing but a training needs it.
        from torch.utils.tensorboard import SummaryWriter
    except ImportError:
        logger.warning("TensorBoard is not installed: %s gets no curves; history.csv has them", folder)
        return None
    shutil.rmtree(folder, ignore_errors=True)
    # A TensorBoard that is looking forgets what it has read of the removed file.
    return SummaryWriter(str(folder), purge_step=1)
