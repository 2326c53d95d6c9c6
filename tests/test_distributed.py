"""Two processes that share every batch train what one process trains."""

import signal
import time
from pathlib import Path

import pandas as pd
import pytest
import torch

from mimamo.jobs.interruption import EXIT_CODE
from support.training import KILL_WAIT, last_step, start_training, wait_for_state

pytestmark = pytest.mark.slow

# Batches of five are shared out unequally. No dropout: what one process draws for it, two cannot. After an
# epoch the steps become small, as rounding grows with every step.
SETTINGS = {
    "epochs": 4, "patience": 4, "save_every": 3, "batch_size": 5, "flip": True,
    "optimiser": "sgd", "learning_rate": 0.0003, "schedule": "steps", "milestones": [1], "gamma": 0.001,
}  # fmt: skip


def outcome(out: Path) -> tuple[pd.DataFrame, dict[str, torch.Tensor]]:
    content = torch.load(out / "model.pt", weights_only=True)
    assert not (out / "state").exists()
    return pd.read_csv(out / "history.csv"), content["weights"]


AVERAGES = {
    "none": {},
    "ema": {"average": "ema", "average_decay": 0.8},
    "epochs": {"average": "epochs", "average_epochs": 2},
}


@pytest.fixture(scope="module", params=AVERAGES)
def trained(fold, tmp_path_factory, request):
    """The same training by one process and by two."""
    root, average = tmp_path_factory.mktemp("trained"), AVERAGES[request.param]
    processes = [start_training(fold, root / str(gpus), **SETTINGS, **average, gpus=gpus) for gpus in (1, 2)]
    codes = [process.wait(timeout=300) for process in processes]
    assert codes == [0, 0], (root / "2/said.txt").read_text()
    return root


def test_two_processes_agree_with_one_to_rounding(trained):
    """A loss or a batch norm over each process's half of the batch moves the weights by more than 0.005."""
    (history, weights), (history2, weights2) = outcome(trained / "1"), outcome(trained / "2")
    pd.testing.assert_frame_equal(history2, history, atol=1e-4, rtol=0)
    assert weights2.keys() == weights.keys()
    for name, value in weights.items():
        torch.testing.assert_close(weights2[name], value, atol=1e-4, rtol=1e-4, msg=name)


@pytest.mark.parametrize("trained", ["ema"], indirect=True)
def test_processes_that_are_stopped_go_on_and_end_with_the_same_bytes(fold, trained, tmp_path):
    """The signals go to the process that started the others alone."""
    for number, code in ((signal.SIGTERM, EXIT_CODE), (signal.SIGKILL, -signal.SIGKILL)):
        process = start_training(fold, tmp_path, **SETTINGS, **AVERAGES["ema"], gpus=2)
        wait_for_state(process, tmp_path, newer_than=last_step(tmp_path))
        others = Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text().split()
        assert len(others) >= 2
        process.send_signal(number)
        assert process.wait(timeout=KILL_WAIT) == code, (tmp_path / "said.txt").read_text()
        begun = time.monotonic()
        while any(lives(pid) for pid in others):
            assert time.monotonic() - begun < 60
            time.sleep(0.05)
    assert "was asked to stop and did so after step" in (tmp_path / "said.txt").read_text()
    process = start_training(fold, tmp_path, **SETTINGS, **AVERAGES["ema"], gpus=2)
    assert process.wait(timeout=300) == 0, (tmp_path / "said.txt").read_text()
    for file in ("model.pt", "history.csv"):
        assert (tmp_path / file).read_bytes() == (trained / "2" / file).read_bytes()


def lives(pid: str) -> bool:
    try:
        return "\nState:\tZ" not in Path(f"/proc/{pid}/status").read_text()
    except OSError:
        return False


def test_fault_of_the_data_is_told_once_in_its_sentence(fold, tmp_path):
    process = start_training(fold, tmp_path, **{**SETTINGS, "gpus": 2, "batch_size": 1})
    assert process.wait(timeout=120) == 1
    said = (tmp_path / "said.txt").read_text()
    assert said.count("InputError: fold 0: expected at least 2 windows in a batch") == 1
