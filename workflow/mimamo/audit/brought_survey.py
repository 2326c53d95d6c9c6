"""Checks of folders of features that somebody brings which need no look into a file.

Imported whenever the Snakefile is read, so it needs nothing beyond the standard library.
"""

from __future__ import annotations

import os
from collections.abc import Collection, Mapping
from pathlib import Path

from mimamo.audit.symptoms import Symptom, pluralise
from mimamo.corpus.layout import FEATURE_SUFFIXES, Corpus, visible
from mimamo.storage.paths import describe_path

CHECK_FOLDER = "folders of features that cannot be used"
CHECK_UNKNOWN = "features without a name"
CHECK_CLOCK = "names without time stamps"


def survey_brought(corpus: Corpus, names: Collection[str], containers: bool = True) -> list[Symptom]:
    """Return the symptoms of the folders of features that are brought.

    Parameters
    ----------
    corpus
        The data set.
    names
        All names.
    containers
        Whether the containers are there yet.
    """
    symptoms = []
    for stream, settings in corpus.brought.items():
        folder = Path(str(settings["folder"])).expanduser()
        if not os.path.isdir(folder):
            wrong = f"{folder}: expected a folder of features, found {describe_path(folder)}"
            remedy = f"set streams.{stream}.folder to its path, absolute or relative to the folder of the run"
            symptoms.append(Symptom(CHECK_FOLDER, "fault", wrong, remedy=remedy))
            continue
        files = corpus.all_brought_files(stream)
        if not files.keys() & set(names):
            kinds = " or ".join(FEATURE_SUFFIXES)
            there = pluralise(visible(folder), "thing") if visible(folder) else "nothing"
            wrong = (
                f"{folder}: expected a file of features called as each name, with {kinds}, found {there} else"
            )
            remedy = f"name them so, or correct streams.{stream}.folder"
            symptoms.append(Symptom(CHECK_FOLDER, "fault", wrong, remedy=remedy))
            continue
        others = sorted(path.name for name in files.keys() - set(names) for path in files[name])
        others += [name for name in visible(folder) if Path(name).suffix.lower() not in FEATURE_SUFFIXES]
        if others:
            wrong = (
                f"{folder}: expected files of features of the {len(names)} names alone, found "
                f"{pluralise(others, 'other thing')} such as {others[0]!a}"
            )
            remedy = "if it is one of a name, call it as the name"
            symptoms.append(Symptom(CHECK_UNKNOWN, "note", wrong, "left out", remedy))
        if containers:
            symptoms += _without_clock(corpus, stream, settings["rows"], names)
    return symptoms


def _without_clock(corpus: Corpus, stream: str, rows: object, names: Collection[str]) -> list[Symptom]:
    """Return a fault where rows are at a rate and nothing tells the times of some names' frames."""
    if not isinstance(rows, Mapping) or "rate" not in rows or rows.get("fps") is not None:
        return []
    without = sorted(name for name in names if not corpus.containers(name))
    if not without:
        return []
    wrong = (
        f"streams.{stream}.rows: expected a container of every name, whose time stamps say which of "
        f"{rows['rate']:g} rows a second belong to a frame, found none of {pluralise(without, 'name')} such "
        f"as {without[0]!a}"
    )
    remedy = f"set data.videos to the folders with the videos, or streams.{stream}.rows.fps"
    return [Symptom(CHECK_CLOCK, "fault", wrong, remedy=remedy)]
