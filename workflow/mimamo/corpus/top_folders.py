"""The folders near the top of a data set, each listed once at most, to find out how it is laid out."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Iterator
from fnmatch import fnmatchcase
from pathlib import Path

from mimamo.corpus.layout import CONTAINER_SUFFIXES

#: Characters of a list's first line that are read.
_FIRST_LINE = 300
#: Entries of a folder that are named in a message.
_NAMED = 8


class TopFolders:
    """The folders near the top of a data set.

    Places are paths relative to the root with ``/`` between their parts, ``""`` for the root itself. Hidden
    entries are left out, and those with a name that cannot stand in a configuration.

    Parameters
    ----------
    root
        The data set's folder.
    """

    def __init__(self, root: Path) -> None:
        self.root = root
        self._listings: dict[str, tuple[list[str], list[str]]] = {}

    @property
    def can_be_listed(self) -> bool:
        """Whether the root is a folder that can be listed."""
        try:
            os.scandir(self.root).close()
        except OSError:
            return False
        return True

    def _listing(self, place: str) -> tuple[list[str], list[str]]:
        """Return the sorted names of the folders, and of everything else, at a place."""
        if place not in self._listings:
            folders, others = [], []
            try:
                with os.scandir(self.root / place) as entries:
                    for entry in entries:
                        if not entry.name.startswith((".", "~")) and not set("{}") & set(entry.name):
                            (folders if entry.is_dir() else others).append(entry.name)
            except OSError:
                # An unfinished or closed folder: what is missing because of it is told by its name.
                pass
            self._listings[place] = sorted(folders), sorted(others)
        return self._listings[place]

    def folder_names(self, place: str) -> list[str]:
        """Return the names of the folders at a place, sorted."""
        return self._listing(place)[0]

    def folder(self, place: str, path: str) -> str | None:
        """Return the place of the folder `path` below `place`, which may differ in case, or None."""
        for part in path.split("/"):
            names = self.folder_names(place)
            same = [name for name in names if name.lower() == part.lower()]
            if not same:
                return None
            place = _joined(place, part if part in same else same[0])
        return place

    def files(self, place: str, patterns: Iterable[str]) -> list[str]:
        """Return the places of the files whose names match one of the patterns."""
        return [_joined(place, name) for name in self._listing(place)[1] if self.matches(name, patterns)]

    def walk(self, starts: Iterable[str], patterns: Iterable[str], depth: int = 3) -> Iterator[str]:
        """Yield places and, each after the one above it, the folders in them whose names match a pattern.

        Parameters
        ----------
        starts
            Where to begin.
        patterns
            Patterns of names; every folder on the way matches one.
        depth
            How many folders below the start the last one may lie.
        """
        for start in starts:
            yield start
            if depth > 0:
                below = [name for name in self.folder_names(start) if self.matches(name, patterns)]
                yield from self.walk([_joined(start, name) for name in below], patterns, depth - 1)

    def has_videos(self, place: str) -> bool:
        """Return whether there is a container at a place."""
        return any(
            os.path.splitext(name)[1].lower() in CONTAINER_SUFFIXES for name in self._listing(place)[1]
        )

    def begins_with(self, place: str, pattern: str) -> bool:
        """Return whether the first line of a file matches a regular expression as a whole."""
        try:
            with open(self.root / place, encoding="utf-8-sig", errors="replace") as text:
                return re.fullmatch(pattern, text.readline(_FIRST_LINE)) is not None
        except OSError:
            return False

    def contents(self) -> str:
        """Name what is in the root."""
        folders, others = self._listing("")
        names = [*(f"{name}/" for name in folders), *others]
        more = f" and {len(names) - _NAMED} more" if len(names) > _NAMED else ""
        return f"{', '.join(names[:_NAMED])}{more} there" if names else "an empty folder"

    @staticmethod
    def matches(name: str, patterns: Iterable[str]) -> bool:
        """Return whether a name matches one of the patterns, in whatever case."""
        return any(fnmatchcase(name.lower(), pattern.lower()) for pattern in patterns)


def _joined(place: str, name: str) -> str:
    """Return the place of an entry."""
    return f"{place}/{name}" if place else name
