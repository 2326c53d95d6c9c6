"""The corpus as a whole: which names there are, and what is wrong with it beyond any one of them.

Imported whenever the Snakefile is read, so it needs nothing beyond the standard library.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path

from mimamo.audit.symptoms import Symptom, counted
from mimamo.corpus.layout import Corpus, folded, person_group, visible
from mimamo.corpus.lists import name_fault, read_frame_list, read_groups, read_sample_list, scan_test_list
from mimamo.errors import InputError

PATHS = "folders and lists that cannot be read"
LINES = "lists with bad lines"
TWICE = "names in two subsets"
ALIKE = "names that differ in case or Unicode form only"
SHARED = "names with the same crops"
STRANGE = "annotation files that cannot be used"


@dataclass(frozen=True)
class Survey:
    """The subset of every name, sorted by name, and what is wrong with the corpus as a whole."""

    subsets: dict[str, str] = field(default_factory=dict)
    symptoms: list[Symptom] = field(default_factory=list)

    def stopping(self, strict: bool = False) -> list[Symptom]:
        """Give the symptoms with which a run is refused: the faults, and where `strict` also the repairs."""
        severities = ("fault", "repair") if strict else ("fault",)
        return [symptom for symptom in self.symptoms if symptom.severity in severities]

    def refuse(self, strict: bool = False) -> None:
        """Raise InputError, in a sentence, where a run is to be refused."""
        found = self.stopping(strict)
        if not found:
            return
        first = found[0].complaint
        others = counted(found[1:], "more fault")
        raise InputError(first if len(found) == 1 else f"{first} (And {others}: see snakemake doctor.)")


def subsets(corpus: Corpus) -> dict[str, str]:
    """Give the subset of every name: "train", "validation" or "test" by name, sorted by name.

    Raises
    ------
    InputError
        If something the configuration names is missing, a list cannot be read, or a name is in two subsets.
    """
    found = survey(corpus)
    found.refuse()
    return found.subsets


def survey(corpus: Corpus) -> Survey:
    """Look at the corpus as a whole.

    Parameters
    ----------
    corpus
        The data set.

    Returns
    -------
    Survey
        Never an error: whatever is wrong is told there. Of a name that is in two subsets the first counts.
    """
    symptoms = [Symptom.of_error(PATHS, "fault", error) for error in path_faults(corpus)]
    found: dict[str, str] = {}
    if os.path.isdir(corpus.root):
        for subset in ("train", "validation"):
            folder = getattr(corpus, subset)
            if folder is not None and _listed(folder):
                _add(found, _annotated(folder, symptoms), subset, corpus, symptoms)
        if corpus.test_list is not None and os.path.isfile(corpus.test_list):
            names, faults = scan_test_list(corpus.test_list)
            done = "the line is left out" if names else ""
            symptoms += [Symptom.of_error(LINES, "fault", error, done) for error in faults]
            _add(found, names, "test", corpus, symptoms)
        symptoms += _alike(found) + _sharing(corpus, found)
    if not found and not symptoms:
        symptoms.append(
            Symptom(
                PATHS,
                "fault",
                f"{corpus.root}: expected names in data.train, data.validation or data.test_list, found all"
                " of them null",
                remedy="set at least one of them",
            )
        )
    return Survey(dict(sorted(found.items())), symptoms)


# What the configuration names -----------------------------------------------------------------------------


def check_paths(corpus: Corpus) -> None:
    """See that everything the configuration names is there; raises the first of `path_faults`."""
    if faults := path_faults(corpus):
        raise faults[0]


def path_faults(corpus: Corpus) -> list[InputError]:
    """Give an error for every folder or file that the configuration names and that is not there.

    Each sentence names the key in the configuration. Where the data set's folder is missing, that is all.
    """
    if faults := _folder_faults(corpus.root, "root", "the data set's folder", ""):
        return faults
    for folder in corpus.crops:
        faults += _folder_faults(folder, "data.crops", "a folder with one folder of crops per name", "")
    for folder in corpus.videos:
        what = "a folder of .mp4 and .avi files"
        faults += _folder_faults(folder, "data.videos", what, " ([] where there is none)")
    for key in ("train", "validation"):
        if (folder := getattr(corpus, key)) is not None:
            what = "a folder of annotation files"
            faults += _folder_faults(folder, f"data.{key}", what, " (null where there is none)")
    for key in ("test_list", "frame_list", "sample_list", "groups"):
        path = getattr(corpus, key)
        if path is not None and not os.path.isfile(path):
            faults.append(
                InputError(
                    f"{path}: expected a text file, found {found_at(path)}; set data.{key} to its path,"
                    " absolute or relative to root, or to null where there is none."
                )
            )
    return faults


def _folder_faults(folder: Path, key: str, what: str, otherwise: str) -> list[InputError]:
    """Give the error of something that is not a folder that can be listed, if it is one."""
    if not os.path.isdir(folder):
        below = "" if key == "root" else ", absolute or relative to root"
        return [
            InputError(
                f"{folder}: expected {what}, found {found_at(folder)}; set {key} to its"
                f" path{below}{otherwise}."
            )
        ]
    try:
        visible(folder)
    except InputError as error:
        return [error]
    return []


def _listed(folder: Path) -> bool:
    """Whether a folder is there and can be listed."""
    return not _folder_faults(folder, "", "", "")


def found_at(path: Path) -> str:
    """Say what is at a path where something else was expected."""
    if os.path.isdir(path):
        return "a folder"
    try:
        os.stat(path)
    except (FileNotFoundError, NotADirectoryError):
        return "a link that leads nowhere" if os.path.islink(path) else "nothing there"
    except OSError as error:
        return str(error.strerror or error)
    return "a file" if os.path.isfile(path) else "a file of another kind"


# Names ----------------------------------------------------------------------------------------------------


def _annotated(folder: Path, symptoms: list[Symptom]) -> list[str]:
    """Give the names that have an annotation file, and tell what else is in the folder."""
    texts = [name for name in visible(folder) if name.endswith(".txt")]
    files = [name for name in texts if os.path.isfile(folder / name)]
    faults = {name[:-4]: fault for name in files if (fault := name_fault(name[:-4]))}
    symptoms += [
        Symptom(
            STRANGE,
            "fault",
            f"{folder}: expected annotation files named <name>.txt, found {name!a} before .txt, and {fault}",
            "left out",
            "rename or remove it",
        )
        for name, fault in faults.items()
    ]
    symptoms += [
        Symptom(
            STRANGE,
            "repair",
            f"{folder / name}: expected an annotation file, found {found_at(folder / name)}",
            "left out, so there is no such name",
            "put the file back",
        )
        for name in texts
        if name not in files
    ]
    symptoms += _other_files(folder, len(files))
    return [name[:-4] for name in files if name[:-4] not in faults]


def _other_files(folder: Path, annotations: int) -> list[Symptom]:
    """Tell what a folder holds beside annotation files, or that it holds none."""
    expected = f"{folder}: expected annotation files named <name>.txt"
    others = [ascii(name) for name in visible(folder) if not name.endswith(".txt")]
    if not annotations:
        found = f"none but {counted(others, 'other thing')} such as {others[0]}" if others else "none"
        remedy = "set data.train and data.validation to the folders that hold them"
        return [Symptom(STRANGE, "fault", f"{expected}, found {found}", remedy=remedy)]
    if not others:
        return []
    found = f"{expected}, found also {counted(others, 'other thing')} such as {others[0]}"
    return [Symptom(STRANGE, "note", found, "left out", "if it is an annotation, name it so")]


def _add(
    found: dict[str, str], names: Iterable[str], subset: str, corpus: Corpus, symptoms: list[Symptom]
) -> None:
    """Add the names of a subset to those found before."""
    for name in names:
        if name not in found:
            found[name] = subset
            continue
        places = [getattr(corpus, "test_list" if kind == "test" else kind) for kind in (found[name], subset)]
        symptoms.append(
            Symptom(
                TWICE,
                "fault",
                f"{places[1]}: expected every name in one subset only, found {name!r} in {subset} and, by"
                f" {places[0]}, in {found[name]}",
                f"looked at as {found[name]}",
                "take it out of one of them",
            )
        )


def _alike(found: dict[str, str]) -> list[Symptom]:
    """Tell of names that are one name on some file systems."""
    groups: dict[str, list[str]] = {}
    for name in sorted(found):
        groups.setdefault(folded(name), []).append(name)
    return [
        Symptom(
            ALIKE,
            "repair",
            f"{names[0]!a} ({found[names[0]]}): expected names that differ in more than case or Unicode form,"
            f" found also {' and '.join(f'{other!a} ({found[other]})' for other in names[1:])}",
            "taken for different videos of one person",
            "rename one of them, or remove it if it is the same video",
        )
        for names in groups.values()
        if len(names) > 1
    ]


def _sharing(corpus: Corpus, found: dict[str, str]) -> list[Symptom]:
    """Tell of names whose folders of crops are, by symbolic links, the same."""
    folders = {name: folder for name in found if (folder := corpus.crop_folder(name)) is not None}
    if not any(folder.is_symlink() for folder in folders.values()):
        return []
    groups: dict[str, list[str]] = {}
    # The folder itself comes before the links to it.
    for name in sorted(folders, key=lambda name: (folders[name].is_symlink(), name)):
        groups.setdefault(os.path.realpath(folders[name]), []).append(name)
    return [
        Symptom(
            SHARED,
            "fault",
            f"{folders[names[1]]}: expected crops of its own, found a link to those of {names[0]!r}",
            "both are looked at",
            "put the crops of each name into a folder of its own",
        )
        for names in groups.values()
        if len(names) > 1
    ]


# Lists ----------------------------------------------------------------------------------------------------


@dataclass
class Lists:
    """What the data set's lists say of lengths and people; empty where there is no list.

    Attributes
    ----------
    frames, sample
        Lengths, and the frames listed, by name.
    own_groups
        The user's person groups by name.
    errors
        Why lists cannot be read; they are empty then.
    """

    frames: dict[str, int] = field(default_factory=dict)
    sample: dict[str, set[int]] = field(default_factory=dict)
    own_groups: dict[str, str] = field(default_factory=dict)
    errors: list[InputError] = field(default_factory=list)

    @classmethod
    def read(cls, corpus: Corpus) -> Lists:
        """Read all lists that are there."""
        lists = cls()
        lists.frames = lists._read(read_frame_list, corpus.frame_list)
        lists.sample = lists._read(read_sample_list, corpus.sample_list)
        lists.own_groups = lists._read(read_groups, corpus.groups)
        return lists

    def _read(self, read: Callable[[Path], dict], path: Path | None) -> dict:
        """Read one list, or note why not; that it is missing is one of `path_faults`."""
        try:
            return read(path) if path is not None and os.path.isfile(path) else {}
        except InputError as error:
            self.errors.append(error)
            return {}

    def group(self, name: str) -> str:
        """Give the person group of a name: the user's where the list has it, else the rule's."""
        return self.own_groups.get(name) or person_group(name)

    @property
    def symptoms(self) -> list[Symptom]:
        """What is wrong with the lists."""
        done = "the list is not used"
        return [Symptom.of_error(LINES, "fault", error, done) for error in self.errors]
