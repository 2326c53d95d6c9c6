"""Averages of weights: what is in them, that they are evaluated and kept, and that stops change nothing."""

import logging
import random
import signal
from contextlib import contextmanager

import numpy as np
import pytest
import torch

from mimamo import DIMENSIONS
from mimamo.dataset.fold_data import read_fold
from mimamo.dataset.labels import labels_by_name
from mimamo.dataset.recordings import open_recordings
from mimamo.jobs.interruption import Interrupted
from mimamo.model.inference import predict_recording
from mimamo.model.network import MimamoNet
from mimamo.model.sizes import NetworkConfig
from mimamo.training.config import TrainingConfig
from mimamo.training.history import concordance_by_dimension
from mimamo.training.trainer import Training
from support.fold import NETWORK, TRAINING, caches, train_small
from support.training import last_step, train_and_load

pytestmark = [pytest.mark.slow, pytest.mark.usefixtures("one_thread")]

DECAY = 0.8


def make_training(fold, **settings) -> Training:
    data = read_fold(0, fold / "folds.csv", fold / "labels", caches(fold))
    sizes = NetworkConfig.from_dict({**NETWORK, "pool5_width": 12, "dropout": 0.3})
    return Training(0, data, sizes, TrainingConfig.from_dict({**TRAINING, **settings}))


def parameters(network: MimamoNet) -> dict[str, torch.Tensor]:
    return {name: values.detach().clone() for name, values in network.named_parameters()}


def stop_scores(fold, network: MimamoNet) -> list[float]:
    """The CCC on the stop name, from the labels alone."""
    labels = labels_by_name(fold / "labels", ["d"])["d"]
    recording = open_recordings(["d"], caches(fold))["d"]
    values = predict_recording(network, recording, TRAINING["window"], TRAINING["hop"], labels.frames)[1]
    return list(concordance_by_dimension(labels.values, values).values())


def test_moving_average_has_its_share_of_every_step(fold):
    training = make_training(fold, average="ema", average_decay=DECAY)
    expected, taken = {}, 0
    for _ in range(2):
        for step in training.run_epoch():
            trained = parameters(training.network)
            if step == 1:
                expected = trained
            elif step > taken:
                for name, values in expected.items():
                    expected[name] = DECAY * values + (1 - DECAY) * trained[name]
            taken = step
    assert taken == 2 * training.steps_per_epoch
    for name, values in parameters(training.average.module).items():
        torch.testing.assert_close(values, expected[name], msg=name)
        assert not torch.equal(values, parameters(training.network)[name]), name


@pytest.mark.parametrize("average", ["ema", "epochs"])
def test_average_is_evaluated_kept_and_learns(fold, tmp_path, average):
    checkpoint, history = train_and_load(
        fold, tmp_path, epochs=12, patience=12, average=average, average_decay=DECAY, average_epochs=3
    )
    assert checkpoint.training["average"] == average
    stop = history[[f"stop_ccc_{dimension}" for dimension in DIMENSIONS]]
    order = np.argsort(-stop.mean(axis=1), kind="stable")
    if average == "ema":
        row = stop.iloc[order[0]]
        assert checkpoint.epoch == order[0] + 1
    else:
        assert history["averaged"].tolist() == [int(epoch in order[:3].tolist()) for epoch in range(12)]
        row = history.iloc[-1][[f"average_stop_ccc_{dimension}" for dimension in DIMENSIONS]]
        assert history.iloc[:-1]["average_stop_ccc_valence"].isna().all()
        assert checkpoint.epoch == max(order[:3]) + 1
    assert stop_scores(fold, checkpoint.network) == pytest.approx(row.tolist(), abs=1e-6)
    assert min(row) > 0.6


def test_mean_of_epochs_is_the_mean_of_their_weights(fold):
    training = make_training(fold, average="epochs", average_epochs=2, epochs=3)
    seen = []
    while not training.ended:
        for _ in training.run_epoch():
            pass
        seen.append(parameters(training.network))
    list(training.finish())
    kept = [row["epoch"] - 1 for row in training.rows if row["averaged"]]
    assert len(kept) == 2 == len(training.best.kept)
    for name in seen[0]:
        expected = sum(seen[epoch][name] for epoch in kept) / 2
        torch.testing.assert_close(training.weights[name], expected, msg=name)


def test_statistics_of_batch_norm_are_those_of_the_averaged_network(fold):
    """Means over the batches of an epoch, as its steps saw them; the trained network's are others."""
    # Windows that need no padding.
    training = make_training(fold, average="ema", average_decay=DECAY, window=5, hop=4)
    for _ in training.run_epoch():
        pass
    average, inputs = training.average.module, []
    found = {name: values.clone() for name, values in average.named_buffers()}
    hook = average.fuse_norm.register_forward_pre_hook(lambda layer, values: inputs.append(values[0]))
    training._compute_statistics(average, 1)
    hook.remove()
    assert len(inputs) == training.steps_per_epoch and not average.training
    means, variances = (
        torch.stack([statistic(values.detach(), 0) for values in inputs]).mean(0)
        for statistic in (torch.mean, torch.var)
    )
    torch.testing.assert_close(found["fuse_norm.running_mean"], means)
    torch.testing.assert_close(found["fuse_norm.running_var"], variances)
    for name, values in average.named_buffers():
        assert torch.equal(values, found[name]), name
    trained = training.network.fuse_norm.running_mean
    assert not torch.allclose(found["fuse_norm.running_mean"], trained, atol=0.01, rtol=0.01)


def test_without_stop_names_the_average_is_of_the_last_epochs(fold, tmp_path, caplog, monkeypatch):
    whole = tmp_path / "whole"
    whole.mkdir()
    for part in ("labels", "phase", "features"):
        (whole / part).symlink_to(fold / part)
    (whole / "folds.csv").write_text((fold / "folds.csv").read_text().replace(",stop", ",train"))
    monkeypatch.setattr(logging.getLogger("mimamo"), "propagate", True)
    with caplog.at_level(logging.INFO):
        _, history = train_and_load(whole, tmp_path / "mean", epochs=4, average="epochs", average_epochs=3)
    assert history["averaged"].tolist() == [0, 1, 1, 1]
    assert "kept the mean of the epochs 2, 3, 4" in caplog.text and "nan" not in caplog.text
    training = make_training(whole, average="ema", average_decay=DECAY, epochs=3)
    while not training.ended:
        list(training.run_epoch())
    list(training.finish())
    assert training.best.epoch == 3
    # The statistics are of a single epoch.
    assert training.weights["fuse_norm.num_batches_tracked"] == training.steps_per_epoch
    for name, values in parameters(training.average.module).items():
        assert torch.equal(training.weights[name], values), name


def test_average_of_nothing_leaves_no_trace(fold, tmp_path):
    """Checkpoints of a training without an average are as they were before there were any."""
    checkpoint, history = train_and_load(fold, tmp_path, epochs=2, average_decay=0.5, average_epochs=2)
    assert not [key for key in checkpoint.training if key.startswith("average")]
    assert not [column for column in history if column.startswith("average")]


class Killed(BaseException):
    """The process ends without another word."""


@contextmanager
def ended_after(calls: float, killed: bool = False):
    """End the training after so many layers, by SIGTERM or as if it were killed; count the layers."""
    seen = []

    def count(*_):
        seen.append(None)
        if len(seen) == calls and killed:
            raise Killed
        if len(seen) == calls:
            signal.raise_signal(signal.SIGTERM)

    hook = torch.nn.modules.module.register_module_forward_hook(count)
    try:
        yield seen
    finally:
        hook.remove()


@pytest.mark.parametrize("average", ["ema", "epochs"])
def test_training_that_is_stopped_anywhere_has_the_same_average(fold, tmp_path, average):
    settings = {
        "epochs": 3, "patience": 3, "save_every": 2, "average": average, "average_decay": DECAY,
        "average_epochs": 2, "network": {"dropout": 0.3, "map_dropout": 0.2},
    }  # fmt: skip
    with ended_after(np.inf) as layers:
        train_small(fold, tmp_path / "whole", **settings)
    chance, stops = random.Random(0), []
    while len(stops) < 60:
        try:
            with ended_after(chance.randrange(200, 500), killed=len(stops) % 2 == 1):
                train_small(fold, tmp_path / "often", **settings)
            break
        except (Interrupted, Killed):
            stops.append(last_step(tmp_path / "often"))
    assert len(set(stops)) > 3
    # While statistics of batch norm are computed, or stop names scored, for the last time.
    with ended_after(len(layers) - 60), pytest.raises(Interrupted):
        train_small(fold, tmp_path / "late", **settings)
    assert last_step(tmp_path / "late") == 3 * make_training(fold).steps_per_epoch
    train_small(fold, tmp_path / "late", **settings)
    for file in ("model.pt", "history.csv"):
        for way in ("often", "late"):
            assert (tmp_path / way / file).read_bytes() == (tmp_path / "whole" / file).read_bytes(), way
