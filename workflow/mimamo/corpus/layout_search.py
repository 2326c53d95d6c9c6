"""Search for the layout of a data set: which edition of Aff-Wild2 it is, and where its parts lie.

A key of the section ``data`` that is `AUTO` is found by what is there. A few folders near the top of the data
set are listed for that, never a folder of crops.

Imported whenever the Snakefile is read, so it needs nothing beyond the standard library.
"""

from __future__ import annotations

import json
import os
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path

from mimamo.corpus import editions
from mimamo.corpus.editions import EDITIONS, LENGTH_LISTS, Edition, ListKind
from mimamo.corpus.layout import FROM_VIDEOS
from mimamo.corpus.top_folders import TopFolders
from mimamo.errors import InputError

#: The value of a key of ``data`` whose path is to be found.
AUTO = "auto"

ANNOTATIONS = ("train", "validation")
#: The keys of ``data`` whose paths can be found, in the order in which they are told.
FOUND_KEYS = (*ANNOTATIONS, "crops", "videos", "test_list", *LENGTH_LISTS)
#: The environment variable by which a run tells its jobs the layout that it has found.
VARIABLE = "MIMAMO_LAYOUT"

# The keys that cannot be null where nothing is there.
_NOTHING = {"crops": [], "videos": []}


@dataclass(frozen=True)
class Layout:
    """Where the parts of a data set lie.

    Attributes
    ----------
    data
        The section ``data`` of the configuration, with the paths that were found in place of `AUTO`.
    edition
        The edition that was found; empty where the configuration gives annotation folders of its own.
    found
        What was found, and what was looked for and is not there, a phrase each; empty where nothing was open.
    """

    data: dict
    edition: str = ""
    found: list[str] = field(default_factory=list)

    def sentence(self, root: str | os.PathLike) -> str:
        """Say what was found, without a full stop; empty where nothing was open."""
        edition = f"the layout of {self.edition}: " if self.edition else ""
        return f"{root}: found {edition}{', '.join(self.found)}" if self.found else ""


def layout_of_run(data: Mapping, root: str | os.PathLike, is_main: bool) -> Layout:
    """Find the layout once for a run and its jobs.

    The main process hands on to its jobs, in the environment, what it has found: a file that appears while
    they run must not change what they read.

    Parameters
    ----------
    data, root
        As for `find_layout`.
    is_main
        Whether this is the main process of a run.

    Raises
    ------
    InputError
        As `find_layout` does.
    """
    asked = [dict(data), str(root)]
    told = json.loads(os.environ.get(VARIABLE, "{}"))
    if not is_main and told.get("asked") == asked:
        return Layout(**told["layout"])
    layout = find_layout(data, root)
    os.environ[VARIABLE] = json.dumps({"asked": asked, "layout": asdict(layout)})
    return layout


def fill_in(data: Mapping, known: Mapping) -> Layout:
    """Take the paths that the configuration leaves open from a section ``data`` that is known."""
    return Layout({**data, **{key: known[key] for key in _open_keys(data)}})


def find_layout(data: Mapping, root: str | os.PathLike) -> Layout:
    """Find the paths that the configuration leaves open.

    Parameters
    ----------
    data
        The section ``data`` of the configuration. What is not `AUTO` there stays as it is.
    root
        The data set's folder. Where it cannot be listed, open paths are taken to be missing: what is wrong
        with the folder is told by `mimamo.audit.survey`.

    Raises
    ------
    InputError
        Where no edition or no crops are found, or where two fit.
    """
    unset = _open_keys(data)
    if not unset:
        return Layout(dict(data))
    folders = TopFolders(Path(root).expanduser())
    if not folders.can_be_listed:
        return Layout({**data, **{key: _NOTHING.get(key) for key in unset}})
    return _Search(folders, data, unset).layout()


def _open_keys(data: Mapping) -> list[str]:
    """Return the keys whose paths are to be found."""
    return [key for key in FOUND_KEYS if data[key] == AUTO]


@dataclass(frozen=True)
class _Candidate:
    """An edition and where its annotation folders are, each None where it is not there."""

    edition: Edition
    train: str | None
    validation: str | None

    def paths(self, keys: Iterable[str]) -> dict[str, str]:
        """Return those of the folders that are there."""
        return {key: path for key in keys if (path := getattr(self, key)) is not None}


class _Search:
    """The search for the paths that a configuration leaves open."""

    def __init__(self, folders: TopFolders, data: Mapping, unset: Collection[str]) -> None:
        self.folders, self.data, self.unset = folders, data, unset
        self.root = folders.root
        #: The folders in which an edition's annotation folders may lie.
        self.bases = list(folders.walk([""], editions.ANNOTATION_FOLDERS))

    def layout(self) -> Layout:
        """Find everything that is open."""
        fitting, data = self._annotations()
        if "crops" in self.unset:
            data["crops"] = self._crops()
        if "videos" in self.unset:
            data["videos"] = self._videos()
        data |= self._lists(fitting)
        found = [_phrase(key, data[key]) for key in FOUND_KEYS if key in data]
        data = {**self.data, **data}
        return Layout(data, _name(fitting, data["sample_list"] is not None), found)

    # Annotations ------------------------------------------------------------------------------------------

    def _annotations(self) -> tuple[list[Edition], dict]:
        """Find the editions that fit, and their annotation folders where these are open."""
        wanted = [key for key in ANNOTATIONS if key in self.unset]
        candidates = [
            _Candidate(edition, *(self.folders.folder(base, getattr(edition, key)) for key in ANNOTATIONS))
            for base in self.bases
            for edition in EDITIONS
        ]
        # Whoever gives one of an edition's folders has chosen the edition.
        candidates = [candidate for candidate in candidates if self._is_chosen(candidate)] or candidates
        if not wanted:
            return [candidate.edition for candidate in candidates if self._is_chosen(candidate)], {}
        complete = [candidate for candidate in candidates if len(candidate.paths(wanted)) == len(wanted)]
        different = {tuple(candidate.paths(wanted).values()): candidate for candidate in complete[::-1]}
        if len(different) > 1:
            raise self._several_editions(list(different.values())[::-1], wanted)
        if not complete:
            raise self._no_edition(candidates, wanted)
        return [candidate.edition for candidate in complete], complete[0].paths(wanted)

    def _is_chosen(self, candidate: _Candidate) -> bool:
        """Return whether the configuration gives one of an edition's folders."""
        pairs = [(self.data[key], path) for key, path in candidate.paths(ANNOTATIONS).items()]
        return any(
            os.path.normpath(self.root / Path(given).expanduser()) == os.path.normpath(self.root / path)
            for given, path in pairs
            if given not in (None, AUTO)
        )

    def _several_editions(self, candidates: Sequence[_Candidate], wanted: Iterable[str]) -> InputError:
        """Return the error of several editions that fit, with what to set."""
        found = [f"{one.edition.name} ({_listed(one.paths(wanted).values())})" for one in candidates]
        key = next(key for key in wanted if len({getattr(one, key) for one in candidates}) > 1)
        ways = [f'--config "data={{{key}: {getattr(one, key)}}}"' for one in candidates]
        return InputError(
            f"{self.root}: expected the layout of one edition of Aff-Wild2, found those of {_listed(found)};"
            f" take one of them with {_listed(ways, 'or')}."
        )

    def _no_edition(self, candidates: Iterable[_Candidate], wanted: Sequence[str]) -> InputError:
        """Return the error of no edition that fits, with what was looked for and what is there."""
        looked_for = [
            f"{_listed([getattr(edition, key) for key in wanted])} ({edition.name})"
            for edition in EDITIONS
            if not edition.has_sample_list
        ]
        nearest = max(candidates, key=lambda candidate: len(candidate.paths(wanted)))
        there, hint = nearest.paths(wanted), ""
        if there:
            missing = [getattr(nearest.edition, key) for key in wanted if key not in there]
            hint = f" and {_listed(there.values())}, but no {_listed(missing)}"
        elif other := self._other_root():
            hint = f", and an edition's annotations in {other}"
        keys = _listed([f"data.{key}" for key in wanted])
        return InputError(
            f"{self.root}: expected the annotations of an edition of Aff-Wild2, {_listed(looked_for, 'or')},"
            f" found {self.folders.contents()}{hint}; set root to the folder that holds them, or {keys} to"
            " their path, null where there is none."
        )

    def _other_root(self) -> Path | None:
        """Return a folder above or below that has an edition's annotations; None where none has."""
        below = (self.root / name for name in self.folders.folder_names(""))
        for place in (*self.root.absolute().parents[:2], *below):
            if any(TopFolders(place).folder("", edition.train) for edition in EDITIONS):
                return place
        return None

    # Crops and videos -------------------------------------------------------------------------------------

    def _crops(self) -> list[str]:
        """Find the folders that have a folder of crops for every name."""
        patterns = (*editions.CROP_FOLDERS, *editions.BATCH_FOLDERS)
        matches = self.folders.matches
        names = {
            place: [name for name in self.folders.folder_names(place) if not matches(name, patterns)]
            for place in self.folders.walk([""], patterns)
            if any(matches(part, editions.CROP_FOLDERS) for part in place.split("/"))
        }
        if not names:
            raise InputError(
                f"{self.root}: expected a folder cropped_aligned with one folder of crops per name, found"
                f" {self.folders.contents()}; set data.crops to the folders that hold the crops, or to"
                f" {FROM_VIDEOS!r} to have them made of those of data.videos."
            )
        self._refuse_shared_names(names)
        return [place for place in names if names[place]] or list(names)[:1]

    def _refuse_shared_names(self, names: Mapping[str, Iterable[str]]) -> None:
        """Refuse two folders that both have crops of a name."""
        first: dict[str, str] = {}
        for place, found in names.items():
            for name in found:
                if (other := first.setdefault(name, place)) != place:
                    raise InputError(
                        f"{self.root}: expected the crops of each name in one folder, found those of {name!a}"
                        f" in {other} and in {place}; set data.crops to the folders to take, for example with"
                        f' --config "data={{crops: [{other}]}}".'
                    )

    def _videos(self) -> list[str]:
        """Find the folders with videos; a flat data set has them in its own folder, ``.``."""
        places = self.folders.walk([""], editions.VIDEO_FOLDERS)
        return [place or "." for place in places if self.folders.has_videos(place)]

    # Lists ------------------------------------------------------------------------------------------------

    def _lists(self, fitting: Iterable[Edition]) -> dict[str, str | None]:
        """Find the lists of test names and of lengths that are open."""
        texts = self._texts()
        found = {
            key: self._one_list(key, self._of_kind(texts, kind))
            for key, kind in LENGTH_LISTS.items()
            if key in self.unset
        }
        if "test_list" in self.unset:
            names = list(dict.fromkeys(edition.test_list for edition in fitting or EDITIONS))
            named = [path for path in texts if self.folders.matches(os.path.basename(path), names)]
            # The list of lengths of FG-2020 is what names its test videos.
            frame_list = found.get("frame_list", self.data["frame_list"])
            found["test_list"] = self._one_list("test_list", named) or frame_list
            if found["test_list"] is None:
                self._refuse_unknown_test_list(texts, names)
        return found

    def _texts(self) -> list[str]:
        """Return the text files in all places where lists may lie, without those of other challenges."""
        challenges = sorted({os.path.dirname(edition.train) for edition in EDITIONS})
        inside = (self.folders.folder(base, challenge) for base in self.bases for challenge in challenges)
        starts = [*self.bases, *(place for place in inside if place is not None)]
        return [
            path
            for place in dict.fromkeys(self.folders.walk(starts, editions.LIST_FOLDERS))
            for path in self.folders.files(place, ["*.txt"])
            if not self.folders.matches(os.path.basename(path), editions.OTHER_CHALLENGES)
        ]

    def _of_kind(self, texts: Iterable[str], kind: ListKind) -> list[str]:
        """Return the texts that are a list of this kind."""
        named = (path for path in texts if self.folders.matches(os.path.basename(path), kind.names))
        return [path for path in named if self.folders.begins_with(path, kind.first_line)]

    def _one_list(self, key: str, paths: Sequence[str]) -> str | None:
        """Return the only list of its kind, or None."""
        if len(paths) > 1:
            raise InputError(
                f"{self.root}: expected one list for data.{key}, found {_listed(paths)}; set data.{key} to"
                " one of them."
            )
        return paths[0] if paths else None

    def _refuse_unknown_test_list(self, texts: Iterable[str], names: Iterable[str]) -> None:
        """Refuse texts of which one may be the list of test names under another name."""
        known = {path for kind in LENGTH_LISTS.values() for path in self._of_kind(texts, kind)}
        unknown = [
            path
            for path in texts
            if path not in known and self.folders.matches(os.path.basename(path), ["*test*"])
        ]
        if unknown:
            raise InputError(
                f"{self.root}: expected the list of test names, {_listed(names, 'or')}, found"
                f" {_listed(unknown)}; set data.test_list to the list of test names, or to null for no test"
                " set."
            )


def _name(fitting: Iterable[Edition], has_sample_list: bool) -> str:
    """Return the name of the editions that fit; a sample list distinguishes some with the same folders."""
    names = {edition.name: edition.has_sample_list == has_sample_list for edition in fitting}
    return " or ".join([name for name, agrees in names.items() if agrees] or names)


def _phrase(key: str, found: str | list[str] | None) -> str:
    """Say what was found for a key."""
    return f"{key} {_listed([found] if isinstance(found, str) else found)}" if found else f"no {key}"


def _listed(things: Iterable[str], word: str = "and") -> str:
    """Join phrases with commas and, before the last, a word."""
    *others, last = things
    return f"{', '.join(others)} {word} {last}" if others else last
