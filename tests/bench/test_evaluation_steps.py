"""Every step runs on the generated tables; what it takes is no matter of a test."""

import numpy as np
import pytest

from mimamo.bench.evaluation_steps import STEPS
from mimamo.bench.generated_tables import HOLES, NAMES, GeneratedRun, course
from mimamo.bench.process import cpu_seconds, peak_memory
from mimamo.storage.files import read_csv


@pytest.fixture(scope="module")
def run(tmp_path_factory) -> GeneratedRun:
    """Many names of few frames."""
    generated = GeneratedRun(tmp_path_factory.mktemp("tables"), "many", size=0.002)
    generated.write()
    return generated


def test_every_step_runs_on_the_generated_tables(run):
    for step in STEPS.values():
        step(run)
    assert len(read_csv(run.audit)) == sum(NAMES.values())
    assert read_csv(run.folder / "out" / "gap_prices.csv")["masked"].max() > 0
    assert set(read_csv(run.folder / "out" / "submission_check.csv")["verdict"]) <= {"ok", "note"}


def test_videos_have_few_or_many_holes():
    holes = {kind: np.count_nonzero(np.diff(course(3, 5000, *sizes)) > 1) for kind, sizes in HOLES.items()}
    assert 10 * holes["few"] < holes["many"]


def test_a_process_knows_what_it_took():
    assert cpu_seconds() > 0 and peak_memory() > 2**20
