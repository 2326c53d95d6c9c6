"""Progress over videos: a bar with frames per second and time left, or lines where there is no terminal."""

from __future__ import annotations

import logging
import sys
import time
from types import TracebackType

logger = logging.getLogger(__name__)

#: Seconds between two lines where there is no terminal.
LOG_INTERVAL = 10.0


class FrameProgress:
    """Counts frames, of several passes over several videos.

    Parameters
    ----------
    total
        Frames in all, as far as the headers of the videos tell.
    """

    def __init__(self, total: int) -> None:
        self.total, self.done, self.what = total, 0, ""
        self._started = self._last_logged = time.monotonic()
        self._bar = None

    def __enter__(self) -> FrameProgress:
        if sys.stderr.isatty():
            self._bar = _bar()
            self._task = self._bar.add_task("", total=self.total)
            self._bar.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._bar is not None:
            self._bar.stop()

    def begin(self, what: str) -> None:
        """Say what is being done from here on."""
        self.what = what
        if self._bar is not None:
            self._bar.update(self._task, description=what)

    def add_frames(self, frames: int) -> None:
        """Count frames that are done."""
        self.done += frames
        # Headers may say too few frames.
        self.total = max(self.total, self.done)
        if self._bar is not None:
            self._bar.update(self._task, completed=self.done, total=self.total)
        elif time.monotonic() - self._last_logged >= LOG_INTERVAL:
            self._last_logged = time.monotonic()
            logger.info("%s", self)

    def skip_frames(self, frames: int) -> None:
        """Take frames out of the total that need not be done."""
        self.total = max(self.total - frames, self.done)

    def __str__(self) -> str:
        rate = self.done / max(time.monotonic() - self._started, 1e-9)
        left = f", {(self.total - self.done) / rate:.0f} s left" if rate else ""
        return f"{self.what}: {self.done} of {self.total} frames, {rate:.0f} frames/s{left}"


def _bar():
    """Return the bar for a terminal; messages are printed above it."""
    from rich.console import Console
    from rich.progress import BarColumn, Progress, ProgressColumn, TextColumn, TimeRemainingColumn
    from rich.text import Text

    class Rate(ProgressColumn):
        """Frames per second."""

        def render(self, task) -> Text:
            """Return the rate as text."""
            return Text(f"{task.speed or 0:.0f} frames/s")

    columns = (TextColumn("{task.description}"), BarColumn(), Rate(), TimeRemainingColumn())
    return Progress(*columns, console=Console(file=sys.stderr), redirect_stderr=True, redirect_stdout=False)
