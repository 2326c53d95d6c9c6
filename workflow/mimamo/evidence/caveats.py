"""What everything that shows a score must say about where the score is from."""

from __future__ import annotations


def caveat(demo: bool, weights: str) -> str:
    """Say what scores and figures of this run tell nothing about.

    Parameters
    ----------
    demo
        Whether the corpus is the rendered one.
    weights
        The configuration's ``spatial.weights``.

    Returns
    -------
    str
        A line for titles and logs; empty where there is nothing to say.
    """
    remarks = []
    if demo:
        remarks.append("rendered demo corpus: says nothing about Aff-Wild2")
    if weights == "random":
        remarks.append("spatial features from random weights")
    return "; ".join(remarks)
