"""Recorded steps on a GPU: who takes them, and that they are the eager ones."""

import pytest
import torch

from mimamo.dataset.fold_data import read_fold
from mimamo.dataset.resident import ResidentWindows
from mimamo.distributed import SINGLE_PROCESS, ProcessGroup
from mimamo.model.inference import predict_recording
from mimamo.model.sizes import NetworkConfig
from mimamo.training.config import TrainingConfig
from mimamo.training.cuda_graph import records_steps
from mimamo.training.trainer import Training
from support.fold import NETWORK, TRAINING, caches

pytestmark = pytest.mark.usefixtures("one_thread")
needs_gpu = pytest.mark.skipif(not torch.cuda.is_available(), reason="there is no CUDA GPU here")
settings = pytest.mark.parametrize(
    "settings",
    [{}, {"average": "ema", "average_decay": 0.5}, {"precision": "bfloat16"}, {"ridge": True}],
    ids=str,
)


def make_training(fold, ridge: bool = False, **settings) -> Training:
    """A training of the small fold with dropout, so that chance takes part."""
    data = read_fold(0, fold / "folds.csv", fold / "labels", caches(fold))
    chance = {"dropout": 0.3, "fusion_dropout": 0.3, "map_dropout": 0.2}
    sizes = {**NETWORK, "pool5_width": 12, "ridge": ridge, **chance}
    return Training(
        0, data, NetworkConfig.from_dict(sizes), TrainingConfig.from_dict({**TRAINING, **settings})
    )


def run(training: Training, steps: int) -> list[float]:
    """Take some steps; return the losses of the epoch so far."""
    for _, _ in zip(range(steps), training.run_epoch(), strict=False):
        pass
    return training.epoch_statistics.step_losses()


def test_steps_are_recorded_on_one_gpu_alone():
    gpu, cpu = torch.device("cuda"), torch.device("cpu")
    assert records_steps(gpu, SINGLE_PROCESS)
    assert not records_steps(gpu, ProcessGroup(0, 2))
    assert not records_steps(cpu, SINGLE_PROCESS)


@pytest.mark.skipif(torch.cuda.is_available(), reason="the CPU trains where there is no GPU")
def test_the_cpu_trains_as_ever(fold):
    training = make_training(fold)
    assert training.graphed is None and training.resident is None and training.abortable
    assert "fused" not in training.optimiser.defaults or not training.optimiser.defaults["fused"]


@pytest.mark.parametrize("ridge", [False, True])
def test_windows_in_memory_give_the_bytes_of_windows_on_disk(fold, ridge):
    states = []
    for resident in (False, True):
        training = make_training(fold, ridge)
        training.graphed = None
        training.resident = ResidentWindows(training.windows, training.device) if resident else None
        run(training, 6)
        states.append(training.state())
    assert states[0].keys() == states[1].keys()
    for name, values in states[0]["network"].items():
        assert torch.equal(values, states[1]["network"][name]), name


@needs_gpu
@settings
def test_recorded_steps_are_the_eager_ones(fold, settings):
    losses = []
    for eager in (True, False):
        training = make_training(fold, window=5, hop=2, **settings)
        if eager:
            training.graphed = None
        losses.append(run(training, 8))
    assert losses[0] == pytest.approx(losses[1], rel=1e-3)


@needs_gpu
@settings
def test_a_resumed_training_takes_the_same_recorded_steps(fold, settings):
    whole, begun, resumed = (make_training(fold, window=5, hop=2, **settings) for _ in range(3))
    run(whole, 8)
    run(begun, 3)
    resumed.restore(begun.state())
    run(resumed, 5)
    for name, values in whole.evaluated.state_dict().items():
        assert torch.equal(values, resumed.evaluated.state_dict()[name]), name


@needs_gpu
def test_a_gpu_estimates_what_the_cpu_does(fold):
    """The same weights, the ridge regression's among them, up to rounding."""
    training = make_training(fold, ridge=True)
    run(training, 6)
    recording = training.data.recordings["a"]
    estimates = [
        predict_recording(training.network.to(device), recording, 16, 8)[1] for device in ("cuda", "cpu")
    ]
    assert estimates[0] == pytest.approx(estimates[1], abs=2e-3)
