"""Checks of where the sound of streams comes from which need no look into a file.

Imported whenever the Snakefile is read, so it needs nothing beyond the standard library.
"""

from __future__ import annotations

from collections.abc import Collection

from mimamo.audit.symptoms import Symptom, pluralise
from mimamo.corpus.layout import Corpus

CHECK_CONTAINERS = "no container with sound"


def survey_sound(corpus: Corpus, names: Collection[str]) -> list[Symptom]:
    """Return a fault where there are streams of sound, and no name has a container.

    Parameters
    ----------
    corpus
        The data set.
    names
        All names.
    """
    if not corpus.audio or not names or any(map(corpus.containers, names)):
        return []
    (stream, *_) = corpus.audio
    wrong = (
        f"streams.{stream}: expected containers, whose sound it is made of, found none of "
        f"{pluralise(names, 'name')}"
    )
    remedy = f"set data.videos to the folders with the videos, or remove the stream with {stream}: null"
    return [Symptom(CHECK_CONTAINERS, "fault", wrong, remedy=remedy)]
