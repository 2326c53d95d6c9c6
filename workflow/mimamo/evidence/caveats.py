"""Caveats that tables, figures and logs show with scores, and predictions, of demo data or random weights."""

from __future__ import annotations

from collections.abc import Collection

_RANDOM = "spatial features from random weights"


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
        caveats.append(_RANDOM)
    return "; ".join(caveats)


def prediction_caveat(trained_on: Collection[tuple[bool | None, str]]) -> str:
    """Return the caveat that predictions of trained models have to be shown with.

    Parameters
    ----------
    trained_on
        Of each model, whether that was the demo corpus (None: not known), and ``spatial.weights``.

    Returns
    -------
    str
        A line for logs and records; empty where there is no caveat.
    """
    caveats = []
    if any(demo for demo, _ in trained_on):
        caveats.append("trained on the rendered demo corpus: says nothing about real faces")
    if any(demo is None for demo, _ in trained_on):
        caveats.append("trained on an unknown corpus, which checkpoints of earlier versions do not record")
    if any(weights == "random" for _, weights in trained_on):
        caveats.append(_RANDOM)
    return "; ".join(caveats)
