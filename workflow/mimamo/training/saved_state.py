"""Saved states of a training on disk, from which it resumes after it was stopped at any moment."""

from __future__ import annotations

import logging
import shutil
from pathlib import Path

from mimamo.errors import InputError
from mimamo.storage.tensors import load_tensors, save_tensors

logger = logging.getLogger(__name__)

#: How many states are kept: where the newest is damaged, the one before it is used.
KEPT = 2


class SavedStates:
    """A folder of numbered states, each written atomically.

    Parameters
    ----------
    folder
        The folder; created when the first state is saved.
    fingerprint
        Digest of everything that the training depends on. States saved with another one are not used.
    """

    def __init__(self, folder: Path, fingerprint: str) -> None:
        self.folder, self.fingerprint = Path(folder), fingerprint

    def save(self, step: int, state: dict) -> None:
        """Save a state of tensors and plain values under its step, and remove all but the last `KEPT`."""
        save_tensors({"fingerprint": self.fingerprint, "state": state}, self.folder / f"{step:09d}.pt")
        for path in self._paths()[:-KEPT]:
            path.unlink(missing_ok=True)

    def load(self) -> dict | None:
        """Return the newest state that can be read and belongs to this training; None where there is none.

        Its tensors are on the CPU; the training copies them to its device.
        """
        for path in reversed(self._paths()):
            try:
                content = load_tensors(path, "the state of a training", "it is ignored")
            except InputError as error:
                logger.warning("%s", error)
                continue
            if not isinstance(content, dict) or content.keys() != {"fingerprint", "state"}:
                logger.warning("%s is not a training state and is ignored", path)
            elif content["fingerprint"] == self.fingerprint:
                return content["state"]
            else:
                logger.info("%s belongs to another configuration, data or code and is not used", path)
        return None

    def discard(self) -> None:
        """Remove all states: the training has ended."""
        shutil.rmtree(self.folder, ignore_errors=True)

    def _paths(self) -> list[Path]:
        """Return the files of all states, oldest first."""
        return sorted(self.folder.glob("[0-9]*.pt"))
