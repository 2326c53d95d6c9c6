"""Progress of a training in its log: epochs, in long ones the steps as well, and the time left."""

from __future__ import annotations

import logging
import time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from mimamo.training.trainer import Training

logger = logging.getLogger(__name__)


class ProgressLogger:
    """Logs the epochs of a training, in long ones the steps as well, and the time that it takes at most.

    Parameters
    ----------
    training
        The training.
    interval
        Seconds without a message after which a step is logged.
    """

    def __init__(self, training: Training, interval: float = 60.0) -> None:
        self._training, self._interval = training, interval
        self._start = self._last = time.monotonic()
        self._done, self._first_step = len(training.rows), training.step

    def log_step(self) -> None:
        """Log how far the current epoch is, where nothing was logged for the interval."""
        now, training = time.monotonic(), self._training
        if now < self._last + self._interval:
            return
        self._last = now
        steps, epoch = training.steps_per_epoch, len(training.rows) + 1
        taken = training.step - self._first_step
        left = steps * training.config.epochs - training.step
        logger.info(
            "Fold %d, epoch %d of %d, step %d of %d: %d s left",
            training.fold,
            epoch,
            training.config.epochs,
            training.step - steps * (epoch - 1),
            steps,
            round((now - self._start) / max(1, taken) * left),
        )

    def log(self) -> None:
        """Log the last epoch."""
        training, row = self._training, self._training.rows[-1]
        self._last = time.monotonic()
        seconds_per_epoch = (self._last - self._start) / (len(training.rows) - self._done)
        role = "stop" if training.data.stop else "train"
        logger.info(
            "Fold %d, epoch %d of %d: loss %.3f, CCC valence %.3f arousal %.3f (%s names), %d s left",
            training.fold,
            row["epoch"],
            training.config.epochs,
            row["loss"],
            row[f"{role}_ccc_valence"],
            row[f"{role}_ccc_arousal"],
            {"stop": "stop", "train": "training"}[role],
            round(seconds_per_epoch * (training.config.epochs - row["epoch"])),
        )
