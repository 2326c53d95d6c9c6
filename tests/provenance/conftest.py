"""The results of a run that may be spoilt."""

import shutil
from pathlib import Path

import pytest


@pytest.fixture
def results(tiny, tmp_path) -> Path:
    """A copy of the results that may be spoilt; of the corpus and the pictures nobody asks."""
    left_out = shutil.ignore_patterns("demo", "figures", "logs", "benchmarks")
    return shutil.copytree(tiny.results, tmp_path / "results", ignore=left_out)
