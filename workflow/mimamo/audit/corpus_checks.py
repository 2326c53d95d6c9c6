"""Checks of the corpus as a whole that need the audit of all names: what names have in common."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from mimamo.audit.list_checks import Lists
from mimamo.audit.symptoms import Symptom, pluralise
from mimamo.corpus.crop_naming import AUTO
from mimamo.corpus.layout import Corpus

if TYPE_CHECKING:
    import pandas as pd

CHECK_USABLE = "no usable name"
CHECK_LENGTHS = "lists of lengths that are one frame short"
CHECK_SIZES = "sizes of crops"
#: The size of the organisers' crops in pixels.
USUAL_SIZE = (112, 112)
#: Subsets without which there is nothing to train on, or nothing to predict.
_NEEDED = {"train": "to train on", "test": "to predict"}


def corpus_symptoms(corpus: Corpus, table: pd.DataFrame, lists: Lists) -> list[Symptom]:
    """Return the symptoms of the corpus as a whole that the audit of all names shows.

    Parameters
    ----------
    corpus
        The data set.
    table
        The audit's table of all listed names.
    lists
        The data set's lists.

    Returns
    -------
    list[Symptom]
        The faults, for which a run is refused, come first.
    """
    return _no_usable_name(table) + _short_lists(corpus, table, lists) + _sizes(table)


def _no_usable_name(table: pd.DataFrame) -> list[Symptom]:
    """Return a fault for train and for test where it has names, but none that can be used."""
    symptoms = []
    for subset, purpose in _NEEDED.items():
        verdicts = table.loc[table["subset"] == subset, "verdict"]
        if len(verdicts) and (verdicts == "unusable").all():
            wrong = (
                f"{subset}: expected a name {purpose}, found {pluralise(verdicts, 'name')} and none usable"
            )
            remedy = "fix the problems reported for each of them"
            symptoms.append(Symptom(CHECK_USABLE, "fault", wrong, remedy=remedy))
    return symptoms


def _short_lists(corpus: Corpus, table: pd.DataFrame, lists: Lists) -> list[Symptom]:
    """Return a fault for a list that is one frame short for all names, as where it holds the last index."""
    if corpus.first_frame != AUTO:
        return []
    symptoms = []
    known = table[table["subset"] == "test"].set_index("name")
    known = known["container_frames_decoded"].fillna(known["last_crop"]).dropna().astype(int)
    sample = {name: max(frames) for name, frames in lists.sample.items() if frames}
    for key, path, listed in (
        ("frame_list", corpus.frame_list, lists.frames),
        ("sample_list", corpus.sample_list, sample),
    ):
        beyond = {name: frames - listed[name] for name, frames in known.items() if name in listed}
        if len(beyond) > 1 and set(beyond.values()) == {1}:
            wrong = (
                f"{path}: expected the number of frames of every video, found one less than there are for all"
                f" {len(beyond)} names, as where it holds the number of the last frame, counted from 0"
            )
            remedy = (
                f"correct the list or set data.{key} to null; if it is right, set data.first_frame to the"
                " number that crops are counted from (0 or 1)"
            )
            symptoms.append(Symptom(CHECK_LENGTHS, "fault", wrong, remedy=remedy))
    return symptoms


def _sizes(table: pd.DataFrame) -> list[Symptom]:
    """Return a note where crops are not of the usual size, or not of one size."""
    there = table.dropna(subset=["width", "height"])
    sizes = Counter(zip(there["width"].astype(int), there["height"].astype(int), strict=True))
    if not sizes or set(sizes) == {USUAL_SIZE}:
        return []
    found = " and ".join(
        f"{width} by {height} in {count} of {len(there)} names"
        for (width, height), count in sorted(sizes.items(), key=lambda item: (-item[1], item[0]))[:4]
    )
    wrong = f"crops: expected {USUAL_SIZE[0]} by {USUAL_SIZE[1]} pixels, found {found}"
    return [
        Symptom(
            CHECK_SIZES, "note", wrong, "scaled", "check that all are cropped and aligned in the same way"
        )
    ]
