import logging
import re

import numpy as np
import pytest
import torch

from mimamo import DIMENSIONS
from mimamo.dataset.labels import labels_by_name
from mimamo.dataset.recordings import open_recordings
from mimamo.evaluation.metrics import concordance
from mimamo.model.heads import HEADS
from mimamo.model.inference import predict_recording
from mimamo.training.progress import ProgressLogger
from mimamo.training.trainer import epoch_batches
from support.fold import FRAMES, WIDTH, caches
from support.training import train_and_load

pytestmark = pytest.mark.usefixtures("one_thread")


def test_training_learns_both_dimensions(fold, trained_fold):
    checkpoint, history, _ = trained_fold
    recordings = open_recordings(["e"], caches(fold))
    labels = labels_by_name(fold / "labels", ["e"])["e"]
    _, values = predict_recording(checkpoint.network, recordings["e"], 16, 8, labels.frames)
    for i, dimension in enumerate(DIMENSIONS):
        assert concordance(labels.values[:, i], values[:, i]).value > 0.5, dimension
    assert history["loss"].iloc[-1] < history["loss"].iloc[0] - 0.5


@pytest.mark.parametrize("head", sorted(set(HEADS) - {"gru"}))
def test_every_head_learns_and_is_in_the_checkpoint(fold, tmp_path, head):
    checkpoint, history = train_and_load(fold, tmp_path, head=head, epochs=6)
    assert checkpoint.network.config.head == head
    assert isinstance(checkpoint.network.recurrent, HEADS[head])
    assert history["loss"].iloc[-1] < history["loss"].iloc[0] - 0.3
    recordings = open_recordings(["e"], caches(fold))
    frames, values = predict_recording(checkpoint.network, recordings["e"], 16, 8)
    assert frames.tolist() == FRAMES.tolist() and np.isfinite(values).all()


def test_the_same_training_gives_the_same_bytes(fold, tmp_path):
    for out in ("one", "two"):
        train_and_load(fold, tmp_path / out)
    for file in ("model.pt", "history.csv"):
        assert (tmp_path / "one" / file).read_bytes() == (tmp_path / "two" / file).read_bytes()
    train_and_load(fold, tmp_path / "three", seed=1)
    assert (tmp_path / "one" / "history.csv").read_bytes() != (
        tmp_path / "three" / "history.csv"
    ).read_bytes()


def test_checkpoint_holds_the_best_epoch_and_its_configuration(trained_fold):
    checkpoint, history, _ = trained_fold
    stop = history[["stop_ccc_valence", "stop_ccc_arousal"]].mean(axis=1)
    assert checkpoint.epoch == history["epoch"][stop.idxmax()]
    assert checkpoint.training["window"] == 16 and checkpoint.spatial == {"weights": "random"}
    assert checkpoint.network.config.pool5_width == WIDTH


def test_training_stops_when_the_stop_names_get_no_better(fold, tmp_path):
    checkpoint, history = train_and_load(fold, tmp_path, epochs=30, patience=1, learning_rate=1e-8)
    assert len(history) == checkpoint.epoch + 1 < 30


def test_components_are_in_the_checkpoint_and_a_network_of_them_learns(fold, tmp_path):
    checkpoint, history = train_and_load(fold, tmp_path, pool5_components=2, epochs=6)
    spatial = checkpoint.network.spatial
    assert spatial.components.shape == (2, WIDTH) and spatial.components.abs().sum() > 0
    assert spatial.linear1.in_features == 2
    assert history["loss"].iloc[-1] < history["loss"].iloc[0] - 0.3
    recordings = open_recordings(["e"], caches(fold))
    labels = labels_by_name(fold / "labels", ["e"])["e"]
    _, values = predict_recording(checkpoint.network, recordings["e"], 16, 8, labels.frames)
    assert concordance(labels.values[:, 0], values[:, 0]).value > 0.3


def test_the_ridge_regression_is_in_the_checkpoint_and_in_the_estimates(fold, tmp_path):
    checkpoint, _ = train_and_load(fold, tmp_path, network={"ridge": True}, epochs=1)
    path, recording = checkpoint.network.ridge, open_recordings(["e"], caches(fold))["e"]
    frames, values = predict_recording(checkpoint.network, recording, 16, 8)
    features = np.concatenate([recording.values("appearance", int(frame), 1) for frame in frames])
    linear = ((features - path.mean.numpy()) @ path.weight.numpy().T).astype(np.float64)
    path.weight.zero_()
    _, without = predict_recording(checkpoint.network, recording, 16, 8)
    assert values - without == pytest.approx(linear, abs=1e-4)
    labels = labels_by_name(fold / "labels", ["e"])["e"]
    assert np.corrcoef(labels.values[:, 0], linear[np.isin(frames, labels.frames), 0])[0, 1] > 0.95


def test_the_mean_over_a_video_is_the_regressions_as_far_as_labels_follow_it(fold, tmp_path):
    network = {"ridge": True, "ridge_level": True}
    checkpoint, _ = train_and_load(fold, tmp_path, network=network, epochs=1)
    trained, recording = checkpoint.network, open_recordings(["e"], caches(fold))["e"]
    assert 0.9 < float(trained.ridge.slope[0]) <= 1
    slope = np.array([1.0, 0.25])
    trained.ridge.slope.copy_(torch.from_numpy(slope))
    frames, values = predict_recording(trained, recording, 16, 8)
    trained.ridge.slope.zero_()
    _, added = predict_recording(trained, recording, 16, 8)
    features = np.concatenate([recording.values("appearance", int(frame), 1) for frame in frames])
    linear = (features - trained.ridge.mean.numpy()) @ trained.ridge.weight.numpy().T
    linear = linear.astype(np.float64) + trained.ridge.bias.numpy()
    assert np.abs((added - linear).mean(0)).max() > 0.01
    assert (values - linear).mean(0) == pytest.approx((1 - slope) * (added - linear).mean(0), abs=1e-4)
    # Changes within the video stay as they are.
    assert values - values.mean(0) == pytest.approx(added - added.mean(0), abs=1e-5)


def test_without_stop_names_all_epochs_are_trained_and_the_last_is_kept(fold, tmp_path, caplog, monkeypatch):
    whole = tmp_path / "whole"
    whole.mkdir()
    for part in ("labels", "phase", "features"):
        (whole / part).symlink_to(fold / part)
    roles = (fold / "folds.csv").read_text().replace(",stop", ",train")
    (whole / "folds.csv").write_text(roles)
    monkeypatch.setattr(logging.getLogger("mimamo"), "propagate", True)
    with caplog.at_level(logging.INFO):
        checkpoint, history = train_and_load(whole, tmp_path / "out", epochs=3, patience=1)
    assert checkpoint.epoch == 3 == len(history)
    assert history[["stop_ccc_valence", "stop_ccc_arousal"]].isna().all(axis=None)
    assert "(training names)" in caplog.text and "kept the last epoch, 3, as there are no stop" in caplog.text
    assert "nan" not in caplog.text


def test_an_epoch_has_every_window_once_and_drops_only_a_small_rest():
    batches = epoch_batches(windows=43, batch_size=8, seed=0, epoch=1)
    assert [len(batch) for batch in batches] == [8] * 5
    assert len({window for batch in batches for window in batch}) == 40
    kept = epoch_batches(windows=45, batch_size=8, seed=0, epoch=1)
    assert sorted(window for batch in kept for window in batch) == list(range(45))
    assert epoch_batches(3, 8, seed=0, epoch=1) != epoch_batches(3, 8, seed=0, epoch=4)
    assert len(epoch_batches(3, 8, seed=0, epoch=1)) == 1


def test_a_long_epoch_logs_its_steps_and_the_result_is_the_same(fold, tmp_path, caplog, monkeypatch):
    train_and_load(fold, tmp_path / "silent", epochs=2)
    assert "step 1 of" not in caplog.text
    monkeypatch.setattr(ProgressLogger.__init__, "__defaults__", (0.0,))
    monkeypatch.setattr(logging.getLogger("mimamo"), "propagate", True)
    with caplog.at_level(logging.INFO, "mimamo"):
        train_and_load(fold, tmp_path / "telling", epochs=2)
    lines = re.findall(r"Fold 0, epoch 2 of 2, step (\d+) of (\d+): \d+ s left", caplog.text)
    # Each line once for every handler that another test may have left.
    assert sorted({int(step) for step, _ in lines})[:2] == [1, 2]
    assert max(int(step) for step, _ in lines) == int(lines[0][1])
    for file in ("model.pt", "history.csv"):
        assert (tmp_path / "silent" / file).read_bytes() == (tmp_path / "telling" / file).read_bytes()
