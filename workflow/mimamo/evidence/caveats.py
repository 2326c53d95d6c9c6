"""Caveats that tables, figures and logs show with scores of demo data or random weights."""

from __future__ import annotations


def score_caveat(demo: bool, weights: str) -> str:
    """Return the caveat that scores and figures of this run have to be shown with.

    Parameters
    ----------
    demo
        Whether the corpus is the rendered demo corpus.
    weights
        The configuration's ``spatial.weights``.

    Returns
    -------
    str
        A line for titles, tables and logs; empty where there is no caveat.
    """
    caveats = []
    if demo:
        caveats.append("rendered demo corpus: says nothing about Aff-Wild2")
    if weights == "random":
        caveats.append("spatial features from random weights")
    return "; ".join(caveats)
