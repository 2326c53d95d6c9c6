"""The files of a run that its page is made from."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from os import PathLike

import pandas as pd

from mimamo.audit.tables import read_audit


@dataclass(frozen=True)
class Sources:
    """The files that the page is made from.

    Attributes
    ----------
    histories, predictions
        Of every fold, in their order; there are no histories of given models.
    audit
        That table of ``results/``.
    scores, baseline, labels, summary, folds
        Those tables and folders of ``results/``; None where nothing was trained.
    gaps, check, filled
        Those tables; None where there is no test list.
    truth
        The folder of the test names' truth, which only the demo corpus has.
    phase, features
        Folders of phase caches, and the folder of the features of every stream of a backbone.
    benchmarks
        The folder of Snakemake's measurements.
    stream_weights, test_stream_weights
        The weights of the streams in all frames, of every fold, where they are fused by attention.
    others
        Tables that not every run makes, by their key: those of `mimamo.page.evidence.KINDS`, ``demo_scores``,
        ``submissions``, ``submission_pairs``, ``phase_comparison``, ``symptoms`` (the doctor's table), and
        ``doctor`` and ``provenance``, which are linked. Those that are absent are left out.
    """

    histories: Sequence[str | PathLike]
    predictions: Sequence[str | PathLike]
    scores: str | PathLike | None
    baseline: str | PathLike | None
    labels: str | PathLike | None
    summary: str | PathLike | None
    folds: str | PathLike | None
    audit: str | PathLike
    gaps: str | PathLike | None
    check: str | PathLike | None
    filled: str | PathLike | None
    truth: str | PathLike | None
    phase: Sequence[str | PathLike]
    features: Mapping[str, str | PathLike]
    benchmarks: str | PathLike
    others: Mapping[str, str] = field(default_factory=dict)
    stream_weights: Sequence[str | PathLike] = ()
    test_stream_weights: Sequence[str | PathLike] = ()

    @cached_property
    def audit_table(self) -> pd.DataFrame:
        """The table of audit.csv, read once for all parts of the page."""
        return read_audit(self.audit)
