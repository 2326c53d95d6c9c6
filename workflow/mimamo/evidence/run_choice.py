"""What choosing the best of many runs is worth: its advantage beside that of chance, and a nested score.

The best of many is better than it will be on other people, as chance is chosen with it. The test is the
reality check of White ("A Reality Check for Data Snooping", Econometrica 68, 2000): if no run were better
than the configured one, by how much would the best of so many seem better? The distribution of that maximum
comes from the bootstrap over person groups, centred on the observed advantages; as all runs are drawn with
the same people, runs that resemble each other count for less than as many different ones.

The nested score needs no null hypothesis: the run for the people of a fold is chosen on the people of the
others (Cawley and Talbot, "On Over-fitting in Model Selection", JMLR 11, 2010).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from mimamo import DIMENSIONS
from mimamo.evaluation.bootstrap import MIN_GROUPS, RESAMPLES, SEED, GroupSums, resampled_ccc, score_columns
from mimamo.evaluation.ccc_sums import concordance_from_sums


@dataclass(frozen=True)
class Choice:
    """The best of several variants, by the mean of the two CCCs out of fold.

    Attributes
    ----------
    compared
        How many variants there are.
    best
        The best one.
    score
        Its mean of the two CCCs.
    advantage
        Its score minus that of the first variant, the configured run; 0 where that is the best.
    by_chance, by_chance_high
        Mean and 95th percentile of the advantage that the best of so many would have if none were better than
        the configured run; NaN with one variant or fewer than `MIN_GROUPS` groups.
    probability
        The share of resamples in which chance gives at least this advantage.
    nested
        The scores of choosing, as of `mimamo.evaluation.bootstrap.score_columns`: each fold's people with the
        variant that is best on the other folds.
    """

    compared: int
    best: str
    score: float
    advantage: float
    by_chance: float
    by_chance_high: float
    probability: float
    nested: Mapping[str, float]

    def as_row(self) -> dict[str, object]:
        """Return the columns of a table; those of `nested` begin with ``nested_`` in place of ``ccc_``."""
        values = {key: value for key, value in vars(self).items() if key != "nested"}
        return values | {f"nested_{key.removeprefix('ccc_')}": value for key, value in self.nested.items()}

    def sentence(self) -> str:
        """Describe the choice."""
        found = f"Best of {self.compared} runs by the mean of both CCCs out of fold: {self.best}"
        found += f", {self.score:.3f}"
        if self.compared == 1 or np.isnan(self.by_chance):
            return found
        return (
            f"{found}, {self.advantage:+.3f} to the configured one; if none were better, the best of so many "
            f"would seem better by {self.by_chance:.3f} on average, and by this much with a probability of "
            f"{self.probability:.2f}"
        )


def choose(scored: Mapping[str, Sequence[GroupSums]], folds: Mapping[str, int]) -> Choice:
    """Choose the best variant, and say what its advantage is beside that of chance.

    Parameters
    ----------
    scored
        The sums of every variant, one for each seed, all of the same groups; first the configured run.
    folds
        The fold of every group.

    Returns
    -------
    Choice
        The choice.

    Raises
    ------
    ValueError
        Where the groups of the variants differ.
    """
    groups = next(iter(scored.values()))[0].groups
    if not all(one.groups.equals(groups) for sums in scored.values() for one in sums):
        raise ValueError("expected predictions of the same names")
    # (seeds, groups, dimensions, 6) by variant.
    sums = [np.stack([one.sums for one in seeds]) for seeds in scored.values()]
    scores = [_score(one) for one in sums]
    best = int(np.argmax(scores))
    chance = _chance(sums) if len(sums) > 1 and len(groups) >= MIN_GROUPS else np.array([np.nan])
    advantage = scores[best] - scores[0]
    return Choice(
        compared=len(sums),
        best=list(scored)[best],
        score=scores[best],
        advantage=advantage,
        by_chance=float(chance.mean()),
        by_chance_high=float(np.quantile(chance, 0.95)),
        probability=float(np.mean(chance >= advantage)) if np.isfinite(chance).all() else np.nan,
        nested=_nested(list(scored.values()), sums, np.array([folds[group] for group in groups])),
    )


def _score(sums: np.ndarray) -> float:
    """Return the mean over seeds and dimensions of the CCC of all groups together; `sums` as in `choose`."""
    return float(concordance_from_sums(sums.sum(axis=1)).mean())


def _chance(sums: Sequence[np.ndarray]) -> np.ndarray:
    """Return the best's advantage in every resample (resamples,), where none is better than the first."""
    groups = sums[0].shape[1]
    resample = np.random.default_rng(SEED).integers(0, groups, (RESAMPLES, groups))
    drawn = [
        np.mean([resampled_ccc(one[:, :, i], resample) for i in range(len(DIMENSIONS))], axis=0)
        for one in sums
    ]
    observed = np.array([_score(one) for one in sums])
    centred = np.stack(drawn) - drawn[0] - (observed - observed[0])[:, None]
    # The configured run is one of those to choose from, so nothing is lost by chance. Resamples without a CCC
    # do not count.
    maximum = np.fmax.reduce(centred, axis=0)
    return maximum[np.isfinite(maximum)]


def _nested(
    scored: Sequence[Sequence[GroupSums]], sums: Sequence[np.ndarray], folds: np.ndarray
) -> dict[str, float]:
    """Return the scores of choosing; `folds` (groups,) are those of the groups."""
    # With fewer seeds than others, those of a variant are taken again.
    seeds = max(len(one) for one in sums)
    joined = [GroupSums(scored[0][0].groups, np.zeros_like(scored[0][0].sums)) for _ in range(seeds)]
    for fold in np.unique(folds):
        inside = folds == fold
        outside = [_score(one[:, ~inside]) for one in sums]
        chosen = sums[int(np.nanargmax(outside))] if np.isfinite(outside).any() else sums[0]
        for seed, target in enumerate(joined):
            target.sums[inside] = chosen[seed % len(chosen)][inside]
    return score_columns(*joined)
