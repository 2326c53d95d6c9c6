"""The corpus on disk: which names there are, and where their crops, annotations and containers lie.

Imported whenever the Snakefile is read, so it needs nothing beyond the standard library.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from mimamo.errors import InputError
from mimamo.lists import name_fault, read_groups, read_test_list

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
        return next((folder / name for folder in self.crops if (folder / name).is_dir()), None)

    def annotation(self, name: str) -> Path | None:
        """Give the annotation file of `name`, or None."""
        folders = (folder for folder in (self.train, self.validation) if folder is not None)
        return next((path for folder in folders if (path := folder / f"{name}.txt").is_file()), None)

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
                folder / name for name in _visible(folder) if Path(name).suffix.lower() in CONTAINER_SUFFIXES
            ]
            for path in sorted(paths, key=lambda path: CONTAINER_SUFFIXES.index(path.suffix.lower())):
                index.setdefault(path.stem, []).append(path)
        return index

    def crop_names(self) -> list[str]:
        """Give the names of all folders of crops, sorted."""
        return sorted(
            {name for folder in self.crops for name in _visible(folder) if (folder / name).is_dir()}
        )

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


def check_paths(corpus: Corpus) -> None:
    """See that everything the configuration names is there.

    Raises
    ------
    InputError
        For the first folder or file that is missing; the sentence names its key in the configuration.
    """
    _check_folder(corpus.root, "root", "the data set's folder", "")
    for folder in corpus.crops:
        _check_folder(folder, "data.crops", "a folder with one folder of crops per name", "")
    for folder in corpus.videos:
        _check_folder(folder, "data.videos", "a folder of .mp4 and .avi files", " ([] where there is none)")
    for key in ("train", "validation"):
        if (folder := getattr(corpus, key)) is not None:
            _check_folder(
                folder, f"data.{key}", "a folder of annotation files", " (null where there is none)"
            )
    for key in ("test_list", "frame_list", "sample_list", "groups"):
        path = getattr(corpus, key)
        if path is not None and not path.is_file():
            raise InputError(
                f"{path}: expected a text file, found {_found(path)}; set data.{key} to its path, absolute or"
                " relative to root, or to null where there is none."
            )


def _check_folder(folder: Path, key: str, what: str, otherwise: str) -> None:
    """Raise where `folder` is not a folder."""
    if not folder.is_dir():
        below = "" if key == "root" else ", absolute or relative to root"
        raise InputError(
            f"{folder}: expected {what}, found {_found(folder)}; set {key} to its path{below}{otherwise}."
        )


def _found(path: Path) -> str:
    """Say what is at a path where something else was expected."""
    if path.is_dir():
        return "a folder"
    return "a file of another kind" if path.exists() else "nothing there"


def annotated_names(folder: Path) -> list[str]:
    """Give the names that have an annotation file in `folder`, sorted.

    Raises
    ------
    InputError
        If there is no such file, or a file's name cannot serve as a name.
    """
    names = sorted(
        file[:-4] for file in _visible(folder) if file.endswith(".txt") and (folder / file).is_file()
    )
    for name in names:
        if fault := name_fault(name):
            raise InputError(
                f"{folder}: expected annotation files named <name>.txt, found {name!a} before .txt, and"
                f" {fault}; rename or remove it."
            )
    if not names:
        raise InputError(
            f"{folder}: expected annotation files named <name>.txt, found none; set data.train and"
            " data.validation to the folders that hold them."
        )
    return names


def subsets(corpus: Corpus) -> dict[str, str]:
    """Give the subset of every name.

    Parameters
    ----------
    corpus
        The data set.

    Returns
    -------
    dict
        "train", "validation" or "test" by name, sorted by name.

    Raises
    ------
    InputError
        If something the configuration names is missing, a list cannot be read, or a name is in two subsets.
    """
    check_paths(corpus)
    found: dict[str, str] = {}
    for subset in ("train", "validation"):
        if (folder := getattr(corpus, subset)) is not None:
            _add(found, annotated_names(folder), subset, corpus)
    if corpus.test_list is not None:
        _add(found, read_test_list(corpus.test_list), "test", corpus)
    return dict(sorted(found.items()))


def _add(found: dict[str, str], names: Iterable[str], subset: str, corpus: Corpus) -> None:
    """Add the names of a subset to those found before."""
    for name in names:
        if name in found:
            places = [
                getattr(corpus, "test_list" if kind == "test" else kind) for kind in (found[name], subset)
            ]
            raise InputError(
                f"{places[1]}: expected every name in one subset only, found {name!r} in {subset} and, by"
                f" {places[0]}, in {found[name]}; take it out of one of them."
            )
        found[name] = subset


def video_of(name: str) -> str:
    """Give the name of the video that a person is in: ``_left`` and ``_right`` tell them apart."""
    return _SIDE.sub("", name)


def person_group(name: str) -> str:
    """Give the group of names that may show the same person, by the data set's naming.

    ``_left`` and ``_right`` are stripped, and the numbers of parts after a resolution or a video's number:
    ``5-60-1920x1080-1`` and ``5-60-1920x1080-2`` are one group, and so are ``video10``, ``video10_1`` and
    ``video10_1_left``. Other names stay as they are but for the side: too little is known of them.
    """
    match = _PART.fullmatch(name)
    return match["video"] if match else _SIDE.sub("", name)


def person_groups(corpus: Corpus, names: Iterable[str]) -> dict[str, str]:
    """Give the person group of each name: the user's where `Corpus.groups` lists it, else the rule's.

    Raises
    ------
    InputError
        If the user's list cannot be read.
    """
    own = read_groups(corpus.groups) if corpus.groups is not None else {}
    return {name: own.get(name) or person_group(name) for name in names}


def _visible(folder: Path) -> list[str]:
    """List a folder, sorted, without hidden files and the ``._*`` files that macOS leaves beside others."""
    try:
        return sorted(name for name in os.listdir(folder) if not name.startswith("."))
    except OSError as error:
        raise InputError(
            f"{folder}: expected a folder that can be listed, found {error.strerror or error}; mend it or set"
            " another in the section data of the configuration."
        ) from None
