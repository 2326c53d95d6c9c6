"""A training's curves for TensorBoard, written while it runs."""

from __future__ import annotations

import logging
import math
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
    **{f"{role}_ccc_{name}": f"CCC {name}/{role}" for name in DIMENSIONS for role in ("train", "stop")},
}


class TensorBoardLog:
    """Scalars of every epoch; closed at the end of a ``with`` block.

    A resumed training writes all epochs anew: none is logged twice, and none is lost that had not reached the
    disk when the training was killed.

    Parameters
    ----------
    folder
        TensorBoard's log directory. Logs of an earlier training in it are removed. None: nothing is written.
    rows
        Rows of the history so far.
    """

    def __init__(self, folder: Path | None, rows: Iterable[Mapping[str, float]] = ()) -> None:
        self._writer = None if folder is None else _open_writer(Path(folder))
        for row in rows:
            self.add(row)

    def add(self, row: Mapping[str, float]) -> None:
        """Write an epoch's row of the history."""
        if self._writer is not None:
            for column, tag in TAGS.items():
                # There may be no stop names.
                if not math.isnan(row[column]):
                    self._writer.add_scalar(tag, row[column], int(row["epoch"]))
            self._writer.flush()

    def __enter__(self) -> TensorBoardLog:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._writer is not None:
            self._writer.close()


def _open_writer(folder: Path):
    """Open a writer in an emptied folder; None, with a warning, where TensorBoard is not installed."""
    try:
        # Imported here: it takes a second, and only a training needs it.
        from torch.utils.tensorboard import SummaryWriter
    except ImportError:
        logger.warning("TensorBoard is not installed: %s gets no curves; history.csv has them", folder)
        return None
    shutil.rmtree(folder, ignore_errors=True)
    # A running TensorBoard discards what it has read of the removed file.
    return SummaryWriter(str(folder), purge_step=1)
