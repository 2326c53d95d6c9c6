"""Checks of the corpus as a whole: its names and subsets, configured paths, and lists.

Imported whenever the Snakefile is read, so it needs nothing beyond the standard library.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from mimamo.audit.brought_survey import survey_brought
from mimamo.audit.list_checks import LINES, reading_notes
from mimamo.audit.sound_survey import survey_sound
from mimamo.audit.symptoms import Symptom, pluralise
from mimamo.corpus.crop_naming import AUTO, CropNaming, count_zeros
from mimamo.corpus.layout import FROM_VIDEOS, VIDEO_FILES, Corpus, case_folded, visible
from mimamo.corpus.lists import name_fault, scan_test_list
from mimamo.errors import InputError
from mimamo.storage.paths import describe_path

PATHS = "folders and lists that cannot be read"
CHECK_TWICE = "names in two subsets"
CHECK_ALIKE = "names that differ in case or Unicode form only"
CHECK_SHARED = "names with the same crops"
CHECK_STRANGE = "annotation files that cannot be used"
CHECK_NAMING = "how crops are named"
CHECK_FIRST = "what crops are counted from"
CHECK_CONTAINERS = "names without a container"

#: Most names without a container that a sentence lists.
_MAX_LISTED = 8


@dataclass(frozen=True)
class Survey:
    """The subset of every name, sorted by name, and the symptoms of the corpus as a whole."""

    subsets: dict[str, str] = field(default_factory=dict)
    symptoms: list[Symptom] = field(default_factory=list)

    def blocking(self, strict: bool = False) -> list[Symptom]:
        """Return the symptoms for which a run is refused: the faults, and where `strict` also the repairs."""
        severities = ("fault", "repair") if strict else ("fault",)
        return [symptom for symptom in self.symptoms if symptom.severity in severities]

    def refuse(self, strict: bool = False) -> None:
        """Raise InputError where a run is to be refused, with the first of the `blocking` symptoms."""
        blocking = self.blocking(strict)
        if not blocking:
            return
        first = blocking[0].complaint
        others = pluralise(blocking[1:], "more fault")
        raise InputError(first if len(blocking) == 1 else f"{first} (And {others}: see snakemake doctor.)")


def subsets(corpus: Corpus) -> dict[str, str]:
    """Return the subset ("train", "validation" or "test") of every name, sorted by name.

    Raises
    ------
    InputError
        If something the configuration names is missing, a list cannot be read, or a name is in two subsets.
    """
    result = survey(corpus)
    result.refuse()
    return result.subsets


def survey(corpus: Corpus) -> Survey:
    """Check the corpus as a whole.

    Parameters
    ----------
    corpus
        The data set.

    Returns
    -------
    Survey
        The subsets and all symptoms; no fault is raised as an error. A name in two subsets is taken to be in
        the first.
    """
    symptoms = [Symptom.from_error(PATHS, "fault", error) for error in path_faults(corpus)]
    subset_by_name: dict[str, str] = {}
    if os.path.isdir(corpus.root):
        for subset in ("train", "validation"):
            folder = getattr(corpus, subset)
            if folder is not None and _can_be_listed(folder):
                names = _annotated_names(folder, symptoms)
                _add_names(subset_by_name, names, subset, corpus, symptoms)
        if corpus.test_list is not None and os.path.isfile(corpus.test_list):
            listed, faults = scan_test_list(corpus.test_list, corpus.crop_names())
            done = "the line is left out" if listed.content else ""
            symptoms += [Symptom.from_error(LINES, "fault", error, done) for error in faults]
            symptoms += reading_notes(listed)
            _add_names(subset_by_name, listed.content, "test", corpus, symptoms)
        symptoms += _similar_names(subset_by_name) + _shared_folders(corpus, subset_by_name)
        symptoms += _crop_naming(corpus) + _without_container(corpus, subset_by_name)
        symptoms += survey_brought(corpus, subset_by_name) + survey_sound(corpus, subset_by_name)
    if not subset_by_name and not symptoms:
        symptoms.append(
            Symptom(
                PATHS,
                "fault",
                f"{corpus.root}: expected names in data.train, data.validation or data.test_list, found all"
                " of them null",
                remedy="set at least one of them",
            )
        )
    return Survey(dict(sorted(subset_by_name.items())), symptoms)


# Configured paths -----------------------------------------------------------------------------------------


def check_paths(corpus: Corpus) -> None:
    """Make sure that every configured path exists; raise the first of `path_faults`."""
    if faults := path_faults(corpus):
        raise faults[0]


def path_faults(corpus: Corpus) -> list[InputError]:
    """Return an error for every configured folder or file that is missing or cannot be listed.

    Each sentence names the key in the configuration. Where the data set's folder is missing, that is the only
    one.
    """
    if faults := _folder_faults(corpus.root, "root", "the data set's folder", ""):
        return faults
    # Those that are made need not be there yet.
    for folder in () if corpus.makes_crops else corpus.crops:
        faults += _folder_faults(folder, "data.crops", "a folder with one folder of crops per name", "")
    for folder in corpus.videos:
        what = f"a folder of {VIDEO_FILES}"
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
                    f"{path}: expected a text file, found {describe_path(path)}; set data.{key} to its path,"
                    " absolute or relative to root, or to null where there is none."
                )
            )
    return faults


def _folder_faults(folder: Path, key: str, what: str, otherwise: str) -> list[InputError]:
    """Return one error for a path that is not a folder that can be listed, else none."""
    if not os.path.isdir(folder):
        below = "" if key == "root" else ", absolute or relative to root"
        return [
            InputError(
                f"{folder}: expected {what}, found {describe_path(folder)}; set {key} to its"
                f" path{below}{otherwise}."
            )
        ]
    try:
        visible(folder)
    except InputError as error:
        return [error]
    return []


def _can_be_listed(folder: Path) -> bool:
    """Return whether a folder exists and can be listed."""
    return not _folder_faults(folder, "", "", "")


# Names ----------------------------------------------------------------------------------------------------


def _annotated_names(folder: Path, symptoms: list[Symptom]) -> list[str]:
    """Return the names that have an annotation file; add symptoms of all else in the folder."""
    texts = [name for name in visible(folder) if name.endswith(".txt")]
    files = [name for name in texts if os.path.isfile(folder / name)]
    faults = {name[:-4]: fault for name in files if (fault := name_fault(name[:-4]))}
    symptoms += [
        Symptom(
            CHECK_STRANGE,
            "fault",
            f"{folder}: expected annotation files named <name>.txt, found {name!a} before .txt, and {fault}",
            "left out",
            "rename or remove it",
        )
        for name, fault in faults.items()
    ]
    symptoms += [
        Symptom(
            CHECK_STRANGE,
            "repair",
            f"{folder / name}: expected an annotation file, found {describe_path(folder / name)}",
            "left out, so there is no such name",
            "put the file back",
        )
        for name in texts
        if name not in files
    ]
    symptoms += _other_files(folder, len(files))
    return [name[:-4] for name in files if name[:-4] not in faults]


def _other_files(folder: Path, annotations: int) -> list[Symptom]:
    """Return the symptom of other files beside annotation files, or of a folder without any of these."""
    expected = f"{folder}: expected annotation files named <name>.txt"
    others = [ascii(name) for name in visible(folder) if not name.endswith(".txt")]
    if not annotations:
        found = f"none but {pluralise(others, 'other thing')} such as {others[0]}" if others else "none"
        remedy = "set data.train and data.validation to the folders that hold them"
        return [Symptom(CHECK_STRANGE, "fault", f"{expected}, found {found}", remedy=remedy)]
    if not others:
        return []
    wrong = f"{expected}, found also {pluralise(others, 'other thing')} such as {others[0]}"
    return [Symptom(CHECK_STRANGE, "note", wrong, "left out", "if it is an annotation, name it so")]


def _add_names(
    subset_by_name: dict[str, str],
    names: Iterable[str],
    subset: str,
    corpus: Corpus,
    symptoms: list[Symptom],
) -> None:
    """Add the names of a subset; add a symptom for each name that another subset has already."""
    for name in names:
        if name not in subset_by_name:
            subset_by_name[name] = subset
            continue
        first = subset_by_name[name]
        places = [getattr(corpus, "test_list" if kind == "test" else kind) for kind in (first, subset)]
        symptoms.append(
            Symptom(
                CHECK_TWICE,
                "fault",
                f"{places[1]}: expected every name in one subset only, found {name!r} in {subset} and, by"
                f" {places[0]}, in {first}",
                f"looked at as {first}",
                "remove it from one of them",
            )
        )


def _similar_names(subset_by_name: dict[str, str]) -> list[Symptom]:
    """Return symptoms of names that some file systems cannot distinguish."""
    groups: dict[str, list[str]] = {}
    for name in sorted(subset_by_name):
        groups.setdefault(case_folded(name), []).append(name)
    return [
        Symptom(
            CHECK_ALIKE,
            "repair",
            f"{names[0]!a} ({subset_by_name[names[0]]}): expected names that differ in more than case or"
            f" Unicode form, found also"
            f" {' and '.join(f'{other!a} ({subset_by_name[other]})' for other in names[1:])}",
            "taken for different videos of one person",
            "rename one of them, or remove it if it is the same video",
        )
        for names in groups.values()
        if len(names) > 1
    ]


def _shared_folders(corpus: Corpus, names: Iterable[str]) -> list[Symptom]:
    """Return symptoms of names whose folders of crops are, by symbolic links, the same."""
    folders = {name: folder for name in names if (folder := corpus.crop_folder(name)) is not None}
    if not any(folder.is_symlink() for folder in folders.values()):
        return []
    sharing: dict[str, list[str]] = {}
    # The folder itself comes before the links to it.
    for name in sorted(folders, key=lambda name: (folders[name].is_symlink(), name)):
        sharing.setdefault(os.path.realpath(folders[name]), []).append(name)
    return [
        Symptom(
            CHECK_SHARED,
            "fault",
            f"{folders[group[1]]}: expected crops of its own, found a link to those of {group[0]!r}",
            "both are looked at",
            "put the crops of each name into a folder of its own",
        )
        for group in sharing.values()
        if len(group) > 1
    ]


# Crops and videos -----------------------------------------------------------------------------------------


def _crop_naming(corpus: Corpus) -> list[Symptom]:
    """Return notes where crops are not named as the organisers' are or not counted from 1."""
    naming, places = corpus.crop_naming, " and ".join(map(str, corpus.crops))
    symptoms = []
    if naming.pattern != CropNaming().pattern:
        wrong = f"{places}: expected crops named as 00001.jpg, found them named as {naming.example}"
        done = f"the pattern {naming.pattern} is taken for all names"
        remedy = f"set data.crop_names to '{naming.pattern}' to fix it" if corpus.crop_pattern == AUTO else ""
        symptoms.append(Symptom(CHECK_NAMING, "note", wrong, done, remedy))
    if corpus.first_frame == AUTO:
        symptoms += _first_numbers(corpus, naming, places)
    return symptoms


def _first_numbers(corpus: Corpus, naming: CropNaming, places: str) -> list[Symptom]:
    """Return the symptom of crops that are all counted from 0, or of which most may be."""
    if naming.first == 0:
        wrong = f"{places}: expected crops counted from 1, found one numbered 0 for every name"
        done = f"{naming.example} is taken for the first frame of all names"
        return [Symptom(CHECK_FIRST, "note", wrong, done, "set data.first_frame to 0 to fix it")]
    zero, others = count_zeros(corpus.all_crop_folders(), naming)
    if zero < max(others, 1):
        # Few names: each is reported as unusable.
        return []
    wrong = (
        f"{places}: expected crops counted from 1, or from 0 for all names, found a crop numbered 0 in {zero}"
        f" of {zero + others} folders"
    )
    remedy = "set data.first_frame to 0 if all names are counted from 0, or to 1"
    return [Symptom(CHECK_FIRST, "fault", wrong, remedy=remedy)]


def refuse_unusable(rows: Sequence[Mapping[str, object]], where: str) -> None:
    """Raise an InputError where a name cannot be used, which names all such names.

    Parameters
    ----------
    rows
        Rows of names with their verdict.
    where
        Where to read the reasons.
    """
    unusable = sorted(str(row["name"]) for row in rows if row["verdict"] == "unusable")
    if unusable:
        raise InputError(
            f"With strict: true every name must be usable, but {pluralise(unusable, 'name')} of {len(rows)}"
            f" cannot be used: {', '.join(unusable)}; fix them as {where} says, or set strict: false."
        )


def _without_container(corpus: Corpus, names: Iterable[str]) -> list[Symptom]:
    """Return the symptom of names without a container, where crops are made of the containers."""
    without = [name for name in sorted(names) if not corpus.containers(name)] if corpus.makes_crops else []
    if not without:
        return []
    places = " or ".join(map(str, corpus.videos)) or "data.videos, which is empty"
    more = f" and {len(without) - _MAX_LISTED} more" if len(without) > _MAX_LISTED else ""
    wrong = (
        f"{places}: expected a container of every name, as data.crops is '{FROM_VIDEOS}', found none of"
        f" {pluralise(without, 'name')}: {', '.join(map(ascii, without[:_MAX_LISTED]))}{more}"
    )
    remedy = (
        "put the videos there, named as the names, set data.videos to their folders, or remove the names "
        "from their list"
    )
    return [Symptom(CHECK_CONTAINERS, "fault", wrong, remedy=remedy)]
