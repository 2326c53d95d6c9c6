import pytest

from mimamo.bench import resumption


@pytest.mark.slow
def test_a_resumed_training_ends_with_the_same_bytes_and_another_does_not(tmp_path, monkeypatch):
    monkeypatch.setattr(resumption, "SAVED", 1)
    monkeypatch.setattr(resumption, "LAST", 2)
    # On two busy cores a second thread costs more time than it saves.
    monkeypatch.setenv("OMP_NUM_THREADS", "1")
    (row,) = resumption.measure(tmp_path, "small")
    assert row.value == 1 and row.met
    assert resumption.digest({"a": [1.0]}) != resumption.digest({"a": [2.0]})
