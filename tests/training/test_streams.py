"""Training on streams beside the paper's two, or instead of them."""

import json
import shutil

import numpy as np
import pandas as pd
import pytest
import torch

from mimamo import DIMENSIONS
from mimamo.dataset.fold_data import read_fold, training_windows
from mimamo.dataset.recordings import open_recordings
from mimamo.dataset.resident import ResidentWindows
from mimamo.demo.sound import soundtrack
from mimamo.errors import InputError
from mimamo.evaluation.bootstrap import GroupSums, score_columns
from mimamo.evaluation.ccc_sums import TRUTHS
from mimamo.evaluation.metrics import concordance
from mimamo.model.checkpoint import load_checkpoint
from mimamo.model.inference import predict_fold, predict_recording, stream_weights
from mimamo.storage.files import read_csv
from mimamo.storage.tensors import load_tensors
from support.fold import FRAMES, make_fold, train_small
from support.streams import LENGTH, add_sound_of, add_stream, everywhere, places, predicted, train

pytestmark = [pytest.mark.slow, pytest.mark.usefixtures("one_thread")]

#: Three to train on, one to stop by, and people who are held out.
NAMES, HELD_OUT = "abcdefghij", "efghij"


@pytest.fixture(scope="module")
def fold(tmp_path_factory):
    """A fold with features that hold the label, noise, the demo's sound, and a copy of the backbone's."""
    root = tmp_path_factory.mktemp("streams")
    make_fold(root, NAMES)

    def label(name: str) -> np.ndarray:
        table = pd.read_csv(root / "labels" / f"{name}.csv").set_index("frame").reindex(FRAMES)
        return table[list(DIMENSIONS)].fillna(0.0).to_numpy() * 40 + 7

    def noise(name: str) -> np.ndarray:
        return np.random.default_rng(ord(name)).normal(size=(len(FRAMES), 6))

    def copy(name: str) -> np.ndarray:
        return np.load(root / "features" / f"{name}.npy")["pool5"]

    def gappy(name: str) -> tuple[np.ndarray, np.ndarray]:
        return label(name), (FRAMES // 9) % 3 != 0

    for stream, values in {"label": label, "noise": noise, "copy": copy}.items():
        add_stream(root, stream, NAMES, everywhere(values))
    add_stream(root, "gappy", NAMES, gappy)
    add_sound_of(root, NAMES, lambda name: soundtrack(np.random.default_rng(ord(name)), LENGTH))
    add_stream(root, "nothing", NAMES, lambda name: (label(name), np.zeros(len(FRAMES), bool)))
    return root


def ccc(table: pd.DataFrame) -> list[float]:
    return [
        concordance(table[truth], table[dimension]).value
        for truth, dimension in zip(TRUTHS, DIMENSIONS, strict=True)
    ]


def test_features_that_hold_the_label_are_learnt_for_people_who_are_held_out(fold, tmp_path):
    settings = {"epochs": 25, "patience": 25, "learning_rate": 0.03}
    assert min(ccc(predicted(fold, train(fold, tmp_path, "label", **settings), HELD_OUT))) > 0.95


def test_noise_or_sound_beside_the_streams_changes_their_score_within_its_interval(fold, tmp_path):
    def scores(*streams: str, seed: int) -> dict[str, float]:
        out = tmp_path / f"{streams[-1]} {seed}"
        checkpoint = train(fold, out, *streams, epochs=14, patience=14, seed=seed)
        table = predicted(fold, checkpoint, HELD_OUT)
        return score_columns(GroupSums.of_frames(table, {name: name for name in HELD_OUT}))

    without, again = (scores("appearance", "motion", seed=seed) for seed in (0, 1))
    for stream in ("noise", "sound"):
        beside = scores("appearance", "motion", stream, seed=0)
        for column in (f"ccc_{dimension}" for dimension in DIMENSIONS):
            # The interval is of people; what chance makes of a training, another seed shows.
            chance = abs(again[column] - without[column])
            low, high = without[f"{column}_low"] - chance, without[f"{column}_high"] + chance
            assert 0.3 < low <= beside[column] <= high, (stream, column, chance)


def test_a_brought_copy_of_the_backbones_features_predicts_as_they_do(fold, tmp_path):
    backbone = predicted(fold, train(fold, tmp_path / "one", "appearance", "motion"), HELD_OUT)
    brought = predicted(fold, train(fold, tmp_path / "two", "copy", "motion"), HELD_OUT)
    for dimension in DIMENSIONS:
        np.testing.assert_allclose(brought[dimension], backbone[dimension], atol=1e-5)


@pytest.mark.parametrize("fusion", ["concat", "attention"])
def test_frames_that_a_stream_lacks_say_nothing_and_stop_nothing(fold, tmp_path, fusion):
    network = {"fusion": fusion}
    checkpoint = train(fold, tmp_path, "appearance", "gappy", "motion", network=network, epochs=8)
    assert checkpoint.network.config.fusion == fusion and set(checkpoint.streams) == {
        "appearance", "gappy", "motion",
    }  # fmt: skip
    before = predicted(fold, checkpoint, "e")
    if fusion == "attention":
        out, folders = tmp_path / "weights.csv", places(fold, checkpoint.streams)
        paths = {"folds_csv": fold / "folds.csv", "weights_csv": out}
        predict_fold(0, tmp_path / "model.pt", folders, tmp_path / "out.csv", **paths)
        recording = open_recordings("e", places(fold, checkpoint.streams))["e"]
        weights = stream_weights(checkpoint.network, recording)
        assert weights.shape == (len(FRAMES), 3) and np.allclose(weights.sum(1), 1)
        lacking = (FRAMES // 9) % 3 == 0
        assert (weights[lacking, 1] == 0).all() and (weights[~lacking, 1] > 0).all()
        table = read_csv(out)
        assert list(table) == ["name", "role", "frame", "weight_appearance", "weight_gappy", "weight_motion"]
        assert list(table["name"].unique()) == list(HELD_OUT) and set(table["role"]) == {"score"}
        np.testing.assert_allclose(table.query("name == 'e'").iloc[:, 3:], weights, atol=1e-4)
    assert np.isfinite(before[list(DIMENSIONS)]).all(axis=None)
    # What stands in the rows of frames that it lacks is never seen.
    spoilt = shutil.copytree(fold, tmp_path / "spoilt")
    path = spoilt / "brought/gappy/e.npy"
    rows = np.load(path)
    rows["pool5"][rows["present"] == 0] = 1000
    np.save(path, rows)
    pd.testing.assert_frame_equal(predicted(spoilt, checkpoint, "e"), before)
    rows["pool5"][rows["present"] != 0] += 1000
    np.save(path, rows)
    assert not predicted(spoilt, checkpoint, "e")["valence"].equals(before["valence"])


def test_batches_say_which_frames_a_stream_has_and_are_the_same_in_memory(fold):
    folders = places(fold, ["gappy", "label", "motion"])
    data = read_fold(0, fold / "folds.csv", fold / "labels", folders)
    windows = training_windows(data, window=16, hop=8, differences=4, bridge=12)
    numbers = list(range(len(windows)))
    read, resident = windows.batch(numbers), ResidentWindows(windows, torch.device("cpu")).batch(numbers)
    assert read.keys() == resident.keys()
    for field, values in read.items():
        assert torch.equal(resident[field], values), field
    assert not read["gappy present"][read["valid"]].all() and read["label present"][read["labelled"]].all()


def test_a_stream_without_any_features_is_told(fold, tmp_path):
    with pytest.raises(InputError, match=r"streams\.nothing: expected features of labelled frames of the 3"):
        train(fold, tmp_path, "appearance", "nothing")


def test_streams_are_dropped_at_random_in_training_alone(fold, tmp_path):
    plain = train(fold, tmp_path / "one", "appearance", "label", epochs=2)
    dropped = train(fold, tmp_path / "two", "appearance", "label", epochs=2, stream_dropout=0.5)
    again = train(fold, tmp_path / "three", "appearance", "label", epochs=2, stream_dropout=0.5)
    assert dropped.training["stream_dropout"] == 0.5
    weights = [checkpoint.network.fuse.weight for checkpoint in (plain, dropped, again)]
    assert not torch.equal(weights[0], weights[1]) and torch.equal(weights[1], weights[2])
    pd.testing.assert_frame_equal(predicted(fold, dropped, "e"), predicted(fold, dropped, "e"))


def test_networks_of_earlier_versions_are_read_and_predict_what_they_did(fold, tmp_path):
    """Theirs had no section streams; a single stream of theirs was a network whose other one was silent."""
    train_small(fold, tmp_path, epochs=1)
    content = load_tensors(tmp_path / "model.pt", "a checkpoint", "")
    assert "streams" not in content and not {"streams", "fusion"} & content["network"].keys()
    found = {}
    for streams in ("both", "spatial", "temporal"):
        content["training"] |= {"streams": streams}
        torch.save(content, tmp_path / f"{streams}.pt")
        network = load_checkpoint(tmp_path / f"{streams}.pt").network
        recording = open_recordings("e", places(fold, ["appearance", "motion"]))["e"]
        found[streams] = network.silent, predict_recording(network, recording, 16, 8)[1]
    assert [silent for silent, _ in found.values()] == [set(), {"motion"}, {"appearance"}]
    network = load_checkpoint(tmp_path / "model.pt").network
    assert np.array_equal(found["both"][1], predict_recording(network, recording, 16, 8)[1])
    assert not np.array_equal(found["both"][1], found["spatial"][1])
    assert json.loads(json.dumps(network.config.as_dict())) == content["network"]
