"""What the command is given: a folder of aligned crops, or videos."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from mimamo.corpus.crop_naming import FORMATS
from mimamo.corpus.crops import has_crops
from mimamo.corpus.layout import CONTAINER_SUFFIXES
from mimamo.errors import ConfigError


def crops_folder(sources: Sequence[Path]) -> Path | None:
    """Return the folder of crops where that is what is given; None where videos are.

    A folder is taken to be one of crops unless it holds videos and no crops.
    """
    if len(sources) != 1:
        return None
    (folder,) = sources
    if folder.suffix.lower() in FORMATS:
        # A crop, of which the reader of crops says what to give instead.
        return folder
    if not folder.is_dir():
        # A name without an ending is more likely to be a folder that is missing.
        return None if folder.is_file() or folder.suffix else folder
    entries = list(folder.iterdir())
    videos = any(path.suffix.lower() in CONTAINER_SUFFIXES and path.is_file() for path in entries)
    return folder if not videos or any(has_crops(path) for path in (folder, *entries)) else None


def refuse_for_crops(folder: Path, **options: object) -> None:
    """Raise ConfigError where an option for videos was given, and a folder of crops."""
    for name, value in options.items():
        if value is not None:
            raise ConfigError(
                f"--{name}: expected videos, found the folder of crops {folder}; leave the option out"
            )
