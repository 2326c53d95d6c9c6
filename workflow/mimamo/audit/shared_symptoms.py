"""What all names have in common is said once, of the corpus as a whole."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

Rows = list[Mapping[str, str]]


def collapse_shared(
    symptoms: Iterable[Mapping[str, str]], checks: Iterable[str], names: set[str], what: str
) -> tuple[Rows, Rows]:
    """Replace the symptoms that all of some names share by one of the corpus.

    Parameters
    ----------
    symptoms
        Rows of the tables of symptoms.
    checks
        The checks to look at, each by itself.
    names
        The names that a check applies to; of a single one nothing is shared.
    what
        What these names are called, such as ``names with crops``.

    Returns
    -------
    of_names, of_corpus : list of dict
        The other symptoms, and the shared ones.
    """
    of_names, of_corpus = list(symptoms), []
    for check in checks:
        alike = [symptom for symptom in of_names if symptom["check"] == check]
        if len(names) < 2 or not names <= {symptom["name"] for symptom in alike}:
            continue
        of_names = [symptom for symptom in of_names if symptom["check"] != check]
        wrong = f"{alike[0]['wrong']}, and the like in all {len(alike)} {what}"
        of_corpus.append({**alike[0], "name": "", "wrong": wrong, "frames": ""})
    return of_names, of_corpus
