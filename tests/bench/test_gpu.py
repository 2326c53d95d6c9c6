import logging

import pytest

from mimamo.bench.gpu import Busy, covered, guarded
from mimamo.bench.rows import Row


def test_time_in_which_several_kernels_run_counts_once():
    assert covered([(5, 6), (0, 2), (1, 3), (1.5, 2.5)]) == 4
    assert covered([]) == 0
    assert Busy(wall=2.0, busy=1.5, kernels=3).idle_share == pytest.approx(25)


def test_a_row_that_cannot_be_measured_is_told_and_those_before_it_stay(caplog, monkeypatch):
    monkeypatch.setattr(logging.getLogger("mimamo"), "propagate", True)

    def rows():
        """Fail after the first row."""
        yield Row("training", "steps", 1.0, "s")
        raise RuntimeError("no kernel\n was found")

    assert [row.value for row in guarded("steps on the GPU", rows)] == [1.0]
    assert "Not measured: steps on the GPU (RuntimeError: no kernel was found)" in caplog.text
