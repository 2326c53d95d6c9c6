from pathlib import Path

import pandas as pd
import pytest

from mimamo.evaluation.scores import score_folds
from mimamo.evidence.variants import FittedRun, score_variants
from mimamo.storage.files import read_csv
from support.corpus import DATA
from support.predictions import fit, make_run

CONFIGURED = {"ensemble": "weighted", "smoothing": "best", "delay": True, "gaps": "previous"}


@pytest.fixture(scope="session", params=[True, False], ids=["official", "merged"])
def stage(request, tmp_path_factory) -> tuple[Path, FittedRun, pd.DataFrame]:
    """A run of either protocol, with its folder and the scores of its variants."""
    root = tmp_path_factory.mktemp("run")
    run = make_run(root, request.param)
    fit(run)
    (root / "corpus" / DATA["test_list"]).write_text("t0\nt1\n")
    (root / "corpus" / "cropped_aligned").mkdir()
    score_variants(run, root / "audit.csv", DATA, str(root / "corpus"), CONFIGURED, root / "variants.csv")
    score_folds(run.predictions, run.labels, run.folds, root / "scores.csv")
    return root, run, read_csv(root / "variants.csv")
