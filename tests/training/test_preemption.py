"""A training that is stopped at any moment ends as if it had not been."""

import random
import signal
import time
from contextlib import contextmanager
from pathlib import Path

import pytest
import torch

from mimamo.jobs.interruption import EXIT_CODE, Interrupted
from mimamo.storage.files import read_csv
from mimamo.training.saved_state import KEPT
from mimamo.training.tensorboard import TAGS
from support.fold import train_small
from support.training import KILL_WAIT, last_step, start_training, wait_for_state

pytestmark = pytest.mark.slow

# Flips and dropout are on, so that every source of chance takes part.
SETTINGS = {"epochs": 12, "patience": 12, "save_every": 3, "flip": True, "window": 8, "hop": 2}


@pytest.fixture(scope="module")
def undisturbed(fold, tmp_path_factory):
    out = tmp_path_factory.mktemp("undisturbed")
    assert start_training(fold, out, **SETTINGS).wait(timeout=300) == 0
    return {name: (out / name).read_bytes() for name in ("model.pt", "history.csv")}


def check_what_a_kill_leaves(out: Path, states: int) -> None:
    """A kill loses no more than the steps since the last save."""
    steps = sorted(int(path.stem) for path in (out / "state").glob("[0-9]*.pt"))
    assert states <= len(steps) <= KEPT
    assert steps[-1] - steps[0] <= SETTINGS["save_every"]
    assert not (out / "model.pt").exists()


def test_interrupted_training_ends_with_the_same_bytes(fold, undisturbed, tmp_path):
    chance, interruptions, codes = random.Random(0), 0, []
    while True:
        process = start_training(fold, tmp_path, **SETTINGS)
        wait_for_state(process, tmp_path, newer_than=last_step(tmp_path))
        if interruptions < 4 and process.poll() is None:
            time.sleep(chance.uniform(0, 0.08))
            process.send_signal(signal.SIGTERM if interruptions % 2 else signal.SIGKILL)
            codes.append(process.wait(timeout=KILL_WAIT))
            interruptions += 1
            check_what_a_kill_leaves(tmp_path, states=min(interruptions, KEPT))
            continue
        assert process.wait(timeout=300) == 0
        break
    assert {-signal.SIGKILL, EXIT_CODE} <= set(codes)
    for name, content in undisturbed.items():
        assert (tmp_path / name).read_bytes() == content, name
    assert not (tmp_path / "state").exists()
    check_curves(tmp_path)


def check_curves(out: Path) -> None:
    """What TensorBoard shows is the history: no epoch is there twice, and none is lost."""
    loader = pytest.importorskip("tensorboard.backend.event_processing.event_accumulator")
    files = list((out / "tensorboard").iterdir())
    assert len(files) == 1
    shown = loader.EventAccumulator(str(files[0])).Reload()
    history = read_csv(out / "history.csv")
    assert sorted(shown.Tags()["scalars"]) == sorted(TAGS.values())
    for column, tag in TAGS.items():
        events = shown.Scalars(tag)
        assert [event.step for event in events] == history["epoch"].tolist()
        assert [event.value for event in events] == pytest.approx(history[column], abs=1e-6)


@contextmanager
def asked_to_stop(when: str):
    """Send SIGTERM from within the network, when a layer has run forwards, backwards or for a stop name."""
    calls = 0

    def ask(*_):
        nonlocal calls
        calls += 1
        if calls == 20:
            signal.raise_signal(signal.SIGTERM)

    def watch(layer, inputs, output):
        if isinstance(layer, torch.nn.Conv2d) and layer.training == (when != "stop names"):
            output.register_hook(ask) if when == "backwards" else ask()

    hook = torch.nn.modules.module.register_module_forward_hook(watch)
    try:
        yield
    finally:
        hook.remove()


def test_a_step_is_broken_off_between_two_layers_and_taken_again(fold, undisturbed, tmp_path):
    torch.set_num_threads(1)
    done = 0
    # Each step has six convolutions, each of which runs forwards and backwards.
    for when, steps in (("forwards", 3), ("backwards", 3), ("stop names", 0)):
        with asked_to_stop(when), pytest.raises(Interrupted):
            train_small(fold, tmp_path, **SETTINGS)
        done += steps
        assert last_step(tmp_path) == done if steps else last_step(tmp_path) > done, when
    train_small(fold, tmp_path, **SETTINGS)
    for name, content in undisturbed.items():
        assert (tmp_path / name).read_bytes() == content, name
