"""Weights of an ensemble's members: equal ones, or fitted on out-of-fold predictions, for every dimension.

All weights are at least 0 and add up to 1, so that a combination stays in the range of the labels. They are
fitted anew for the names of every fold, on the names of the other folds; those for names of no fold are
fitted on all of them.

References
----------
Breiman, "Stacked regressions", Machine Learning 24, 1996: non-negative least squares; scaled to add up to 1
as by van der Laan, Polley and Hubbard, "Super Learner", Statistical Applications in Genetics and Molecular
Biology 6, 2007. Caruana, Niculescu-Mizil, Crew and Ksikes, "Ensemble selection from libraries of models",
ICML 2004: greedy selection with replacement and sorted initialisation. Their third measure, bags of half of
the models, is for libraries of thousands: of a few members a bag would often lack the good ones, and it is
left out.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd

from mimamo import DIMENSIONS
from mimamo.evaluation.ccc_sums import concordance_from_sums
from mimamo.postprocessing.fit import NEW_NAMES

MEAN, NNLS, GREEDY = "mean", "nnls", "greedy"
#: How members may be weighted; the first fits nothing.
METHODS = (MEAN, NNLS, GREEDY)
#: Members that the greedy selection adds, of which those up to the best CCC are kept.
STEPS = 50
WEIGHT_COLUMNS = ["applies_to", "dimension", "member", "weight", "ccc", "fitted_on_folds"]
STEP_COLUMNS = ["applies_to", "dimension", "step", "how", "member", "ccc", "kept"]
#: Decimal places of CCCs that are compared.
_PLACES = 9
#: How a member came into the greedy selection: by the sorted initialisation, or as the best to add.
SORTED, ADDED = "sorted", "added"


def factor(values: np.ndarray, truth: np.ndarray) -> np.ndarray:
    """Reduce the labelled frames of a fold to what every fit needs of them.

    Parameters
    ----------
    values
        Predictions of every member, (members, frames, dimensions).
    truth
        (frames, dimensions)

    Returns
    -------
    numpy.ndarray
        (dimensions, members + 2, members + 2): of every dimension the factor R of the QR decomposition of the
        columns 1, members, truth. Least squares on factors under each other are least squares on all their
        frames, and RᵀR holds the sums that the CCC of any weighted mean follows from.
    """
    columns = values.shape[0] + 2
    factors = np.zeros((truth.shape[1], columns, columns))
    for i in range(truth.shape[1]):
        design = np.column_stack([np.ones(len(truth)), values[:, :, i].T, truth[:, i]])
        # Of fewer frames than columns R has fewer rows.
        reduced = np.linalg.qr(design, mode="r")
        factors[i, : len(reduced)] = reduced
    return factors


def fit_weights(
    factors: Mapping[int, np.ndarray], members: Sequence[str], method: str
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Fit the weights for the names of every fold, on the other folds, and for new names, on all folds.

    Parameters
    ----------
    factors
        Of every fold, see `factor`.
    members
        The names of the members, in their order.
    method
        One of `METHODS`.

    Returns
    -------
    weights : pandas.DataFrame
        applies_to (`NEW_NAMES`, or the number of a fold), dimension, member, weight, ccc (of the weighted
        mean on the names of all other folds), fitted_on_folds (empty where nothing is fitted).
    steps : pandas.DataFrame
        Of the greedy selection: applies_to, dimension, step, how (`SORTED` or `ADDED`), member, ccc (of the
        mean up to this step, on the names that it was selected on), kept (yes or no). Without rows for other
        methods.
    """
    weight_rows, step_rows = [], []
    for target in (NEW_NAMES, *factors):
        used = [fold for fold in factors if fold != target]
        on = " ".join(map(str, used)) if method != MEAN else ""
        for i, dimension in enumerate(DIMENSIONS):
            stacked = np.concatenate([factors[fold][i] for fold in used])
            weights, steps = _fit(stacked, len(members), method)
            ccc = float(_concordance(stacked.T @ stacked, weights))
            weight_rows += [
                (str(target), dimension, member, weight, ccc, on)
                for member, weight in zip(members, weights, strict=True)
            ]
            step_rows += [
                (str(target), dimension, number, how, members[member], score, kept)
                for number, (how, member, score, kept) in enumerate(steps, start=1)
            ]
    weights = pd.DataFrame(weight_rows, columns=WEIGHT_COLUMNS)
    return weights, pd.DataFrame(step_rows, columns=STEP_COLUMNS)


def weights_for(table: pd.DataFrame, members: Sequence[str], target: str = NEW_NAMES) -> np.ndarray:
    """Return the weights that apply to the names of a fold, or to new names: (members, dimensions)."""
    rows = table[table["applies_to"].astype(str) == target]
    return (
        rows.pivot(index="member", columns="dimension", values="weight")
        .loc[list(members), list(DIMENSIONS)]
        .to_numpy(np.float64)
    )


def _fit(stacked: np.ndarray, members: int, method: str) -> tuple[np.ndarray, list[tuple]]:
    """Return the weights (members,) and the steps of a selection, of the factors under each other."""
    if method == GREEDY:
        return _select(stacked.T @ stacked, members)
    return (_least_squares(stacked, members) if method == NNLS else _equal(members)), []


def _equal(members: int) -> np.ndarray:
    """Return equal weights."""
    return np.full(members, 1 / members)


def _least_squares(stacked: np.ndarray, members: int) -> np.ndarray:
    """Return the weights of non-negative least squares, scaled to add up to 1; equal where all are 0."""
    from scipy.optimize import nnls

    weights, _ = nnls(stacked[:, 1 : members + 1], stacked[:, members + 1])
    return weights / weights.sum() if weights.sum() > 0 else _equal(members)


def _select(products: np.ndarray, members: int) -> tuple[np.ndarray, list[tuple[str, int, float, str]]]:
    """Select members greedily, with replacement, by the CCC of their mean; return weights and steps.

    It begins with as many of the best members as together have the best CCC, then adds, `STEPS` times, the
    member with which the mean is best, and keeps those up to the best mean of all.
    """
    single = _defined(_concordance(products, np.eye(members)))
    order = np.argsort(-single, kind="stable")
    prefixes = np.cumsum(np.eye(members)[order], axis=0)
    initial = _defined(_concordance(products, prefixes / prefixes.sum(axis=1, keepdims=True)))
    size = int(np.argmax(initial)) + 1
    chosen = [(SORTED, int(member), float(ccc)) for member, ccc in zip(order, initial[:size], strict=False)]
    counts = prefixes[size - 1]
    for _ in range(STEPS):
        candidates = counts + np.eye(members)
        ccc = _defined(_concordance(products, candidates / candidates.sum(axis=1, keepdims=True)))
        best = int(np.argmax(ccc))
        chosen.append((ADDED, best, float(ccc[best])))
        counts = candidates[best]
    # The sorted ones came in together.
    kept = size + int(np.argmax([ccc for *_, ccc in chosen[size - 1 :]]))
    weights = np.bincount([member for _, member, _ in chosen[:kept]], minlength=members) / kept
    steps = [(*step, "yes" if number < kept else "no") for number, step in enumerate(chosen)]
    return weights, [
        (how, member, ccc if np.isfinite(ccc) else np.nan, keep) for how, member, ccc, keep in steps
    ]


def _concordance(products: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """Return the CCC of weighted means of the members.

    Parameters
    ----------
    products
        Sums of the products of the columns 1, members, truth; (members + 2, members + 2).
    weights
        (…, members)
    """
    inner = products[1:-1, 1:-1]
    n, x, xx = products[0, 0], products[0, -1], products[-1, -1]
    y, xy = weights @ products[0, 1:-1], weights @ products[-1, 1:-1]
    yy = np.einsum("...i,ij,...j->...", weights, inner, weights)
    sums = np.stack([np.broadcast_to(constant, np.shape(y)) for constant in (n, x)] + [y], axis=-1)
    rest = np.stack([np.broadcast_to(xx, np.shape(y)), yy, xy], axis=-1)
    return concordance_from_sums(np.concatenate([sums, rest], axis=-1))


def _defined(ccc: np.ndarray) -> np.ndarray:
    """Return CCCs to choose by: an undefined one is the lowest, and rounding makes none the better one."""
    return np.where(np.isfinite(ccc), np.round(ccc, _PLACES), -np.inf)
