"""The corpus on disk: its names, and the paths of their crops, annotations and containers.

A name, such as ``video10_1_left``, identifies one person's track of a video; it is the stem of the track's
annotation file and the name of its folder of crops.

Imported whenever the Snakefile is read, so it needs nothing beyond the standard library.
"""

from __future__ import annotations

import os
import re
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

from mimamo.corpus.crop_naming import AUTO, CropNaming, find_crop_naming
from mimamo.errors import ConfigError, InputError
from mimamo.storage.paths import describe_error
from mimamo.streams import Settings, audio_streams, brought_streams

#: The value of ``data.crops`` by which a rule makes the crops from the containers, and the folder, in that of
#: the run, that it makes them in.
FROM_VIDEOS, MADE_CROPS = "from videos", Path("results/crops")
#: File name suffixes by which videos are found in a folder, the preferred one first; what is said of them.
CONTAINER_SUFFIXES = (
    *(".mp4", ".avi", ".mkv", ".mov", ".m4v", ".webm", ".wmv", ".mpg", ".mpeg", ".flv", ".3gp", ".ogv"),
    *(".ts", ".mts", ".m2ts", ".vob", ".gif"),
)
VIDEO_FILES = "videos (.mp4, .avi, .mkv and so on)"
#: File name suffixes of features that somebody brings.
FEATURE_SUFFIXES = (".npy", ".npz", ".csv", ".parquet", ".h5")

#: What the names of two people in one video end with.
SIDES = ("_left", "_right")
_SIDE = re.compile(r"_(left|right)$")
# A video is identified by number and resolution (5-60-1920x1080), as video86, or by a number alone (105);
# the suffix numbers the parts of the video or gives the side of a person in it.
_PART = re.compile(r"(?P<video>\d+-\d+-\d+x\d+|video\d+|\d+)(?:[-_]\d+|_left|_right)*", re.ASCII)


@dataclass(frozen=True)
class Corpus:
    """The paths of the parts of a data set. Building it reads nothing from disk.

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
        Lists of the lengths of test videos, or None.
    groups
        The user's CSV of person groups, or None.
    crop_pattern, first_frame
        How crops are named and counted, see `find_crop_naming`.
    makes_crops
        Whether a rule makes the crops from the containers, so that `crops` need not exist yet.
    brought
        The settings of every stream of features that somebody brings, with their ``folder``.
    audio
        The settings of every stream of the containers' sound.
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
    crop_pattern: str = AUTO
    first_frame: int | str = AUTO
    makes_crops: bool = False
    brought: Mapping[str, Settings] = field(default_factory=dict)
    audio: Mapping[str, Settings] = field(default_factory=dict)

    @classmethod
    def from_config(cls, config: dict, root: str | os.PathLike) -> Corpus:
        """Build the corpus from the workflow's configuration.

        Parameters
        ----------
        config
            The configuration; its section ``data`` is used, with relative paths under `root`, and, where
            there is one, its section ``streams``.
        root
            The data set's folder.
        """
        data = config["data"]
        root = Path(root).expanduser()
        made = data.get("crops") == FROM_VIDEOS
        naming = CropNaming()
        single = ("train", "validation", "test_list", "frame_list", "sample_list", "groups")
        return cls(
            root=root,
            crops=(MADE_CROPS,) if made else _resolve_all(root, data.get("crops")),
            videos=_resolve_all(root, data.get("videos")),
            crop_pattern=naming.pattern if made else data.get("crop_names", AUTO),
            first_frame=naming.first if made else data.get("first_frame", AUTO),
            makes_crops=made,
            brought=brought_streams(config.get("streams", {})),
            audio=audio_streams(config.get("streams", {})),
            **{key: _resolve(root, data.get(key)) for key in single},
        )

    def crop_folder(self, name: str) -> Path | None:
        """Return the folder of crops of `name`: the first that exists in the order of `crops`, or None."""
        return next(iter(self.crop_folders(name)), None)

    def crop_folders(self, name: str) -> list[Path]:
        """Return all folders of crops of `name`, the one to use first, without links to an earlier one."""
        folders = [folder / name for folder in self.crops if os.path.isdir(folder / name)]
        if len(folders) > 1:
            folders = list({os.path.realpath(folder): folder for folder in reversed(folders)}.values())[::-1]
        return folders

    @cached_property
    def crop_naming(self) -> CropNaming:
        """How the crops of all names are named and counted; a few folders are looked at once."""
        return find_crop_naming(self.all_crop_folders(), self.crop_pattern, self.first_frame)

    def all_crop_folders(self) -> list[Path]:
        """Return all folders of crops of all names, sorted by name."""
        return [folder for name in self.crop_names() for folder in self.crop_folders(name)]

    def annotation(self, name: str) -> Path | None:
        """Return the annotation file of `name`, or None."""
        folders = (folder for folder in (self.train, self.validation) if folder is not None)
        return next((path for folder in folders if os.path.isfile(path := folder / f"{name}.txt")), None)

    def containers(self, name: str) -> list[Path]:
        """Return the containers of `name`, the one to use first; empty where there is none.

        They are in the order of the folders of `videos`, and in a folder in that of `CONTAINER_SUFFIXES`. The
        full name has to match (``102`` is not ``102-30-640x360``); only where none does is the name tried
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

    def brought_files(self, name: str) -> dict[str, list[Path]]:
        """Return the files of `name` by stream of features that are brought; empty where it has none."""
        return {stream: files.get(name, []) for stream, files in self._brought.items()}

    def all_brought_files(self, stream: str) -> dict[str, list[Path]]:
        """Return all files of a stream of features that are brought, by their name without suffix."""
        return self._brought[stream]

    @cached_property
    def _brought(self) -> dict[str, dict[str, list[Path]]]:
        """All files of features by stream and by the name that they are of."""
        index: dict[str, dict[str, list[Path]]] = {}
        for stream, settings in self.brought.items():
            files = index.setdefault(stream, {})
            folder = Path(str(settings["folder"])).expanduser()
            for file in map(folder.joinpath, _entries(folder)):
                if file.suffix.lower() in FEATURE_SUFFIXES:
                    files.setdefault(file.stem, []).append(file)
        return index

    def crop_names(self) -> list[str]:
        """Return the names of all folders of crops, sorted.

        Where crops are made from the containers, these are all names that have a container, whether or not
        their crops are there yet.
        """
        if self.makes_crops:
            return sorted(f"{stem}{side}" for stem in self._containers for side in ("", *SIDES))
        folders = {folder / name: name for folder in self.crops for name in _entries(folder)}
        # A folder of crops of its own may lie among the names: cropped_aligned/batch1.
        above = {place for folder in self.crops for place in (folder, *folder.parents)}
        return sorted({name for path, name in folders.items() if path not in above and os.path.isdir(path)})

    def similar_name(self, name: str) -> str | None:
        """Return a folder of crops whose name differs from `name` only in case or Unicode form, or None."""
        return next((other for other in self._case_folded.get(case_folded(name), ()) if other != name), None)

    @cached_property
    def _case_folded(self) -> dict[str, list[str]]:
        """The names of all folders of crops by `case_folded` name."""
        index: dict[str, list[str]] = {}
        for folder in self.crops:
            for name in _entries(folder):
                index.setdefault(case_folded(name), []).append(name)
        return index

    def partners(self, name: str) -> list[str]:
        """Return the names, with crops or annotations, of the other people in the video of `name`, sorted."""
        video = _SIDE.sub("", name)
        others = sorted({video, f"{video}_left", f"{video}_right"} - {name})
        return [other for other in others if self.crop_folder(other) or self.annotation(other)]

    def relative_path(self, path: Path) -> str:
        """Return a path as it is written to tables: relative to the root where it is below it."""
        return path.relative_to(self.root).as_posix() if path.is_relative_to(self.root) else str(path)

    def with_relative_paths(self, sentence: object) -> str:
        """Return a sentence with the paths in it as they are written to tables, see `relative_path`."""
        # Only at the beginning of a path: the root `corpus` must not match in /mnt/corpus.
        return re.sub(rf"(?<![^\s'\"]){re.escape(f'{self.root}{os.sep}')}", "", str(sentence))


def check_made_crops(data: Mapping[str, object], demo: bool) -> None:
    """Raise ConfigError where crops are to be made from videos, and other settings contradict that.

    Parameters
    ----------
    data
        The section ``data`` of the configuration.
    demo
        Whether the data set is the demo.
    """
    if data["crops"] != FROM_VIDEOS:
        return
    said = f"Configuration: data.crops is {FROM_VIDEOS!r}"
    if demo:
        raise ConfigError(
            f"{said}, expected the crops that the demo renders; set root to a data set with videos, or leave"
            " data.crops out."
        )
    naming = CropNaming()
    for key, made in (("crop_names", naming.pattern), ("first_frame", naming.first)):
        if data[key] not in (AUTO, made):
            raise ConfigError(
                f"{said}, whose crops are named as {naming.example}, but data.{key} is {data[key]!r},"
                f" expected {AUTO}; leave it out."
            )


def _resolve(root: Path, entry: str | None) -> Path | None:
    """Return a configured path, relative to `root` unless absolute; None where it is not set."""
    return root / Path(entry).expanduser() if entry else None


def _resolve_all(root: Path, entries: Iterable[str] | None) -> tuple[Path, ...]:
    """Return configured paths, relative to `root` unless absolute; empty where none is set."""
    return tuple(root / Path(entry).expanduser() for entry in entries or ())


def case_folded(name: str) -> str:
    """Return a name as file systems compare it that ignore case and Unicode normalisation forms."""
    return unicodedata.normalize("NFC", unicodedata.normalize("NFC", name).casefold())


def video_of(name: str) -> str:
    """Return the video of a name, without the ``_left`` or ``_right`` that distinguishes two people in it."""
    return _SIDE.sub("", name)


def person_group(name: str) -> str:
    """Return the group of names that may show the same person, by the data set's naming.

    ``_left`` and ``_right`` are stripped, and the numbers of parts after a resolution or a video's number:
    ``5-60-1920x1080-1`` and ``5-60-1920x1080-2`` are one group, and so are ``video10``, ``video10_1`` and
    ``video10_1_left``. Other names keep all but the side: too little is known about them. Names that differ
    only in case or Unicode form are one group.
    """
    match = _PART.fullmatch(name)
    return case_folded(match["video"] if match else _SIDE.sub("", name))


def visible(folder: Path) -> list[str]:
    """List a folder, sorted, without hidden files such as the ``._*`` files of macOS.

    Raises
    ------
    InputError
        If the folder cannot be listed.
    """
    try:
        return sorted(name for name in os.listdir(folder) if not name.startswith("."))
    except OSError as error:
        raise InputError(
            f"{folder}: expected a folder that can be listed,"
            f" found {describe_error(folder, error)}; fix it or"
            " set another in the section data of the configuration."
        ) from None


def _entries(folder: Path) -> list[str]:
    """List a folder as `visible` does; empty where that fails, which `mimamo.audit.survey` reports."""
    try:
        return visible(folder)
    except InputError:
        return []
