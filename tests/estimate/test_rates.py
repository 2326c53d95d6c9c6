import pytest

from mimamo.errors import InputError
from mimamo.estimate.rates import FinishedRun, read_rates


def test_without_a_finished_run_or_with_another_file_it_says_what_to_do(tmp_path):
    with pytest.raises(InputError, match=r"expected the results of a finished run.*make run"):
        FinishedRun.read(tmp_path)
    (tmp_path / "no.json").write_text("[]")
    with pytest.raises(InputError, match=r"no\.json: expected the JSON file of a benchmark.*mimamo bench"):
        read_rates(tmp_path / "no.json")
