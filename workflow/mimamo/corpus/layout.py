"""The corpus on disk: which names there are, and where their crops, annotations and containers lie.

Imported whenever the Snakefile is read, so it needs nothing beyond the standard library.
"""

from __future__ import annotations

import os
import re
import unicodedata
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from mimamo.errors import InputError

#: The kinds of files that hold videos, the one to prefer first.
CONTAINER_SUFFIXES = (".mp4", ".avi")

_SIDE = re.compile(r"_(left|right)$")
# A video is told by number and resolution (5-60-1920x1080), as video86, or by a number alone (105); what
# follows numbers the parts of it or tells the side of a person in it.
_PART = re.compile(r"(?P<video>\d+-\d+-\d+x\d+|video\d+|\d+)(?:[-_]\d+|_left|_right)*", re.ASCII)


@dataclass(frozen=True)
class Corpus:
    """Where the parts of a data set lie. Nothing is read when it is built.

    Attributes
    ----------
    root
        The data set's folder.
    crops
        Folders with one folder of crops per name.
    train, validation
        Folders of annotation files, or None.
    test_list
        Text file of the test names, or None.
    videos
        Folders of containers.
    frame_list, sample_list
        Lists that tell the lengths of test videos, or None.
    groups
        The user's CSV of person groups, or None.
    """

    root: Path
    crops: tuple[Path, ...]
    train: Path | None
    validation: Path | None
    test_list: Path | None
    videos: tuple[Path, ...]
    frame_list: Path | None
    sample_list: Path | None
    groups: Path | None

    @classmethod
    def from_config(cls, config: dict, root: str | os.PathLike) -> Corpus:
        """Build from the workflow's configuration.

        Parameters
        ----------
        config
            The configuration; its section ``data`` is used, with relative paths under `root`.
        root
            The data set's folder.
        """
        data = config["data"]
        root = Path(root).expanduser()

        def path(key: str) -> Path | None:
            return root / Path(data[key]).expanduser() if data.get(key) else None

        def paths(key: str) -> tuple[Path, ...]:
            return tuple(root / Path(entry).expanduser() for entry in data.get(key) or ())

        single = ("train", "validation", "test_list", "frame_list", "sample_list", "groups")
        return cls(
            root=root, crops=paths("crops"), videos=paths("videos"), **{key: path(key) for key in single}
        )

    def crop_folder(self, name: str) -> Path | None:
        """Give the folder of crops of `name`: the first that exists, or None."""
        return next((folder / name for folder in self.crops if os.path.isdir(folder / name)), None)

    def annotation(self, name: str) -> Path | None:
        """Give the annotation file of `name`, or None."""
        folders = (folder for folder in (self.train, self.validation) if folder is not None)
        return next((path for folder in folders if os.path.isfile(path := folder / f"{name}.txt")), None)

    def containers(self, name: str) -> list[Path]:
        """Give the containers of `name`, the one to use first; none where there is none.

        The whole name counts (``102`` is not ``102-30-640x360``); only where nothing has it is the name tried
        without ``_left`` or ``_right``, as both people of a video share its container.
        """
        return self._containers.get(name) or self._containers.get(_SIDE.sub("", name), [])

    @cached_property
    def _containers(self) -> dict[str, list[Path]]:
        """All containers by stem."""
        index: dict[str, list[Path]] = {}
        for folder in self.videos:
            paths = [
                folder / name for name in _entries(folder) if Path(name).suffix.lower() in CONTAINER_SUFFIXES
            ]
            for path in sorted(paths, key=lambda path: CONTAINER_SUFFIXES.index(path.suffix.lower())):
                index.setdefault(path.stem, []).append(path)
        return index

    def crop_names(self) -> list[str]:
        """Give the names of all folders of crops, sorted."""
        return sorted(
            {name for folder in self.crops for name in _entries(folder) if os.path.isdir(folder / name)}
        )

    def near(self, name: str) -> str | None:
        """Give a folder of crops whose name differs from `name` in case or Unicode form only, or None."""
        return next((other for other in self._folded.get(folded(name), ()) if other != name), None)

    @cached_property
    def _folded(self) -> dict[str, list[str]]:
        """The names of all folders of crops by `folded` name."""
        index: dict[str, list[str]] = {}
        for folder in self.crops:
            for name in _entries(folder):
                index.setdefault(folded(name), []).append(name)
        return index

    def partners(self, name: str) -> list[str]:
        """Give the names, with crops or annotations, of the other people in the video of `name`, sorted."""
        video = _SIDE.sub("", name)
        others = sorted({video, f"{video}_left", f"{video}_right"} - {name})
        return [other for other in others if self.crop_folder(other) or self.annotation(other)]

    def shown(self, path: Path) -> str:
        """Give a path as it stands in tables: relative to the root where it is below it."""
        return path.relative_to(self.root).as_posix() if path.is_relative_to(self.root) else str(path)

    def told(self, sentence: object) -> str:
        """Give a sentence with the paths in it as they stand in tables."""
        # Only at the beginning of a path: the root `corpus` says nothing of /mnt/corpus.
        return re.sub(rf"(?<![^\s'\"]){re.escape(f'{self.root}{os.sep}')}", "", str(sentence))


def folded(name: str) -> str:
    """Give what a name is on file systems that know neither case nor the forms of Unicode."""
    return unicodedata.normalize("NFC", unicodedata.normalize("NFC", name).casefold())


def video_of(name: str) -> str:
    """Give the name of the video that a person is in: ``_left`` and ``_right`` tell them apart."""
    return _SIDE.sub("", name)


def person_group(name: str) -> str:
    """Give the group of names that may show the same person, by the data set's naming.

    ``_left`` and ``_right`` are stripped, and the numbers of parts after a resolution or a video's number:
    ``5-60-1920x1080-1`` and ``5-60-1920x1080-2`` are one group, and so are ``video10``, ``video10_1`` and
    ``video10_1_left``. Other names stay as they are but for the side: too little is known of them. Names that
    differ in case or Unicode form only are one group.
    """
    match = _PART.fullmatch(name)
    return folded(match["video"] if match else _SIDE.sub("", name))


def visible(folder: Path) -> list[str]:
    """List a folder, sorted, without hidden files and the ``._*`` files that macOS leaves beside others.

    Raises
    ------
    InputError
        If the folder cannot be listed.
    """
    try:
        return sorted(name for name in os.listdir(folder) if not name.startswith("."))
    except OSError as error:
        raise InputError(
            f"{folder}: expected a folder that can be listed, found {error.strerror or error}; mend it or set"
            " another in the section data of the configuration."
        ) from None


def _entries(folder: Path) -> list[str]:
    """List a folder as `visible` does; that one cannot be listed is for `mimamo.audit.survey` to tell."""
    try:
        return visible(folder)
    except InputError:
        return []
