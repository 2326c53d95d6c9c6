"""Descriptions of what is at a path, for sentences about what was expected there."""

from __future__ import annotations

import os
from pathlib import Path


def describe_path(path: str | os.PathLike) -> str:
    """Describe what is at a path where something else was expected: "a folder", "nothing there"."""
    path = Path(path)
    if os.path.isdir(path):
        return "a folder"
    try:
        size = os.stat(path).st_size
    except (FileNotFoundError, NotADirectoryError):
        return "a broken link" if os.path.islink(path) else "nothing there"
    except OSError as error:
        return _unreadable(error)
    if not os.path.isfile(path):
        return "a file of another kind"
    return "a file" if size else "an empty file"


def describe_error(path: str | os.PathLike, error: OSError) -> str:
    """Describe what is at a path that could not be read, listed or written to, by the system's error.

    The system's own words for an error, such as "Not a directory", say what it tried, not what it found.
    """
    if isinstance(error, (FileNotFoundError, FileExistsError, NotADirectoryError, IsADirectoryError)):
        return describe_path(path)
    return _unreadable(error)


def _unreadable(error: OSError) -> str:
    """Describe something that is there and cannot be read or written to."""
    return f"one that cannot be opened ({error.strerror or error})"
