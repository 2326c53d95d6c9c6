"""What a run comes to: the score to expect, what would raise it without a training, and ridge beside it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from os import PathLike

import pandas as pd

from mimamo import DIMENSIONS
from mimamo.html.formats import number
from mimamo.postprocessing.fit import Option
from mimamo.postprocessing.smoothing import NONE
from mimamo.storage.files import read_csv

#: Mean gain of the two CCC below which a change is not worth a line.
LEAST_GAIN = 0.005

#: A CCC, or a difference of two, for each dimension.
Scores = dict[str, float]


@dataclass(frozen=True)
class Change:
    """A change of the configuration that needs no new training.

    Attributes
    ----------
    section, values
        The section of the configuration, and what would be changed in it.
    gain
        By how much the CCC would be higher.
    """

    section: str
    values: Mapping[str, object]
    gain: Scores

    @property
    def _text(self) -> str:
        """The values as YAML."""
        return ", ".join(f"{key}: {str(value).lower()}" for key, value in self.values.items())

    @property
    def setting(self) -> str:
        """What to write into the configuration."""
        return (
            f"{self.section}.{self._text}" if len(self.values) == 1 else f"{self.section}: {{{self._text}}}"
        )

    def command(self, demo: bool) -> str:
        """Return what to type: the whole line for the demo, which needs no other options."""
        argument = f'"{self.section}={{{self._text}}}"'
        return (
            f"snakemake --config {argument}" if demo else f"the same command with {argument} after --config"
        )

    @property
    def size(self) -> float:
        """The mean gain."""
        return sum(self.gain.values()) / len(self.gain)


@dataclass(frozen=True)
class Verdict:
    """What a run comes to.

    Attributes
    ----------
    scored
        The pooled CCC, every frame with its own prediction.
    policy
        The configured gap policy; empty where no gap is filled.
    expected
        The CCC to expect of test names with gaps as theirs, filled by the policy; None where there are none.
    ridge
        The CCC of ridge regression on single frames.
    changes
        What would raise the score, the largest gain first.
    """

    scored: Scores
    policy: str
    expected: Scores | None
    ridge: Scores
    changes: list[Change]

    @property
    def beside_ridge(self) -> str:
        """In words, where the network is ahead of ridge regression and where it is behind."""
        ahead, behind = [], []
        for dimension in DIMENSIONS:
            difference = self.scored[dimension] - self.ridge[dimension]
            if pd.notna(difference):
                part = f"for {dimension} by {number(abs(difference), 2)}"
                (behind if difference < 0 else ahead).append(part)
        clauses = [
            *([f"ahead {' and '.join(ahead)}"] if ahead else []),
            *([f"behind {' and '.join(behind)}"] if behind else []),
        ]
        if not clauses:
            return "ridge regression on single frames has no score to compare with"
        return f"compared with ridge regression on single frames, the network is {', and '.join(clauses)}"


def read_verdict(
    scores: str | PathLike,
    baseline: str | PathLike,
    gap_prices: str | PathLike | None,
    variants: str | PathLike | None,
) -> Verdict | None:
    """Read what a run comes to from its tables.

    Parameters
    ----------
    scores, baseline, gap_prices, variants
        Those tables of ``results/``; None for those that the run does not make.

    Returns
    -------
    Verdict or None
        None where no frame was scored.
    """
    pooled = read_csv(scores).query("scope == 'pooled'").to_dict("records")
    if not pooled:
        return None
    ridge = read_csv(baseline).set_index("dimension")["ccc"]
    prices = read_csv(gap_prices) if gap_prices else pd.DataFrame(columns=["configured", "masked"])
    configured = prices[(prices["configured"] == "yes") & (prices["masked"] > 0)].to_dict("records")
    policy, expected, changes = "", None, []
    if configured:
        (row,) = configured
        policy, expected = row["policy"], _scores(row)
        others = prices[(prices["configured"] == "no") & (prices["masked"] > 0)]
        changes = [
            Change("gaps", {"policy": other["policy"]}, _gain(other, row))
            for other in others.to_dict("records")
        ]
    changes += _smoothings(read_csv(variants)) if variants else []
    return Verdict(
        scored=_scores(pooled[0]),
        policy=policy,
        expected=expected,
        ridge={dimension: float(ridge.get(dimension, float("nan"))) for dimension in DIMENSIONS},
        changes=sorted(
            (change for change in changes if change.size >= LEAST_GAIN), key=lambda change: -change.size
        ),
    )


def _smoothings(variants: pd.DataFrame) -> list[Change]:
    """Return what the best other smoothing and delay would bring, out of fold."""
    rows = variants[variants["kind"] == "smoothing"]
    configured = rows[rows["configured"] == "yes"].to_dict("records")
    if not configured:
        return []
    row = configured[0]
    delays = {Option(NONE, delay).delay_label: delay for delay in (False, True)}
    changes = []
    for other in rows[rows["scored_on"] == row["scored_on"]].to_dict("records"):
        values = {"smoothing": other["smoothing"], "delay": delays[other["delay"]]}
        changes.append(Change("postprocessing", values, _gain(other, row)))
    # Each of these excludes the others.
    return [max(changes, key=lambda change: change.size)]


def _scores(row: Mapping) -> Scores:
    """Return the CCC of a row."""
    return {dimension: float(row[f"ccc_{dimension}"]) for dimension in DIMENSIONS}


def _gain(row: Mapping, reference: Mapping) -> Scores:
    """Return by how much the CCC of a row are above those of another."""
    return {
        dimension: float(row[f"ccc_{dimension}"] - reference[f"ccc_{dimension}"]) for dimension in DIMENSIONS
    }
