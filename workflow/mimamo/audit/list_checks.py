"""What the data set's lists say, and what is wrong with them.

Imported whenever the Snakefile is read, so it needs nothing beyond the standard library.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from mimamo.audit.symptoms import Symptom, pluralise
from mimamo.corpus.layout import Corpus, person_group
from mimamo.corpus.list_rows import Listed, meant_name
from mimamo.corpus.lists import read_frame_list, read_groups, read_sample_list
from mimamo.errors import InputError

LINES = "lists with bad lines"
CHECK_TEST_NAMES = "test lists of other names"
CHECK_READING = "lists with unexpected content"


@dataclass
class Lists:
    """The lengths and person groups in the data set's lists; empty where there is no list.

    Attributes
    ----------
    frames, sample
        Lengths, and the listed frames, by name.
    own_groups
        The user's person groups by name.
    errors
        The errors of lists that cannot be read, which are empty then.
    readings
        The notes of lists with unexpected content.
    """

    frames: dict[str, int] = field(default_factory=dict)
    sample: dict[str, set[int]] = field(default_factory=dict)
    own_groups: dict[str, str] = field(default_factory=dict)
    errors: list[InputError] = field(default_factory=list)
    readings: list[Symptom] = field(default_factory=list)

    @classmethod
    def read(cls, corpus: Corpus) -> Lists:
        """Read all lists that exist."""
        lists = cls()
        known = (
            set(corpus.crop_names()) if any((corpus.frame_list, corpus.sample_list, corpus.groups)) else set()
        )
        lists.frames = lists._read(read_frame_list, corpus.frame_list, known)
        lists.sample = lists._read(read_sample_list, corpus.sample_list, known)
        lists.own_groups = lists._read(read_groups, corpus.groups, known)
        return lists

    def _read(self, read: Callable[..., Listed[dict]], path: Path | None, known: set[str]) -> dict:
        """Read one list, or record its error; a missing list is one of `path_faults`."""
        if path is None or not os.path.isfile(path):
            return {}
        try:
            listed = read(path, known)
        except InputError as error:
            self.errors.append(error)
            return {}
        self.readings += reading_notes(listed)
        return listed.content

    def group(self, name: str) -> str:
        """Return the person group of a name: by the user's list if it is in it, else by the naming rule."""
        return self.own_groups.get(name) or person_group(name)

    @property
    def symptoms(self) -> list[Symptom]:
        """The symptoms of lists that cannot be read, and of those with more than they should hold."""
        done = "the list is not used"
        return [*(Symptom.from_error(LINES, "fault", error, done) for error in self.errors), *self.readings]


def reading_notes(listed: Listed) -> list[Symptom]:
    """Return the note of a list that holds more than it should; none where it does not."""
    if not listed.unusual:
        return []
    example = next(iter(listed.content), "")
    done = f"read as names such as {example!a}" if example else ""
    return [Symptom(CHECK_READING, "note", listed.wrong, done, "check that these are the right names")]


def list_symptoms(corpus: Corpus, subsets: Mapping[str, str], lists: Lists) -> list[Symptom]:
    """Return the symptoms that only the data set's lists show.

    Parameters
    ----------
    corpus
        The data set.
    subsets
        The subset of every name.
    lists
        What the lists say.

    Returns
    -------
    list[Symptom]
        Those of the lists' own, and one of the test list: a fault where there is nothing to predict, as no
        name has crops, a container or a known length; a repair where such a name resembles a folder of crops
        that no subset has.
    """
    names = [name for name, subset in subsets.items() if subset == "test"]
    lengths = lists.frames.keys() | lists.sample.keys()
    strange = [
        name
        for name in names
        if name not in lengths and not corpus.crop_folder(name) and not corpus.containers(name)
    ]
    if not strange:
        return lists.symptoms
    expected, none = (
        f"{corpus.test_list}: expected names of videos, found",
        "crops, a container or a known length",
    )
    example = f"such as {strange[0]!a}"
    if len(strange) == len(names):
        wrong = f"{expected} {pluralise(names, 'name')} of which none has {none}, {example}"
        remedy = _meant(strange, corpus.crop_names())
        remedy = remedy or "correct the names, or set data.crops to where their crops are"
        return [*lists.symptoms, Symptom(CHECK_TEST_NAMES, "fault", wrong, remedy=remedy)]
    remedy = _meant(strange, set(corpus.crop_names()) - subsets.keys())
    if not remedy:
        return lists.symptoms
    wrong = f"{expected} {pluralise(strange, 'name')} without {none}, {example}"
    return [*lists.symptoms, Symptom(CHECK_TEST_NAMES, "repair", wrong, "taken as listed", remedy)]


def _meant(names: Iterable[str], folders: Collection[str]) -> str:
    """Suggest a folder of crops for the first listed name that resembles one; empty where none does."""
    meant = next(((name, like) for name in names if (like := meant_name(name, folders))), None)
    if meant is None:
        return ""
    return f"if {meant[1]!a} is meant by {meant[0]!a}, write the names of the folders of crops"
