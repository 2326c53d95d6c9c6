"""Predictions that are not numbers stop the job that makes them, with what causes them."""

import shutil

import numpy as np
import pandas as pd
import pytest
import torch

from mimamo import DIMENSIONS
from mimamo.dataset.recordings import open_recordings
from mimamo.errors import InputError
from mimamo.model.checkpoint import load_checkpoint
from mimamo.model.inference import predict_fold, predict_name, predict_recording
from mimamo.storage.files import read_csv
from mimamo.storage.frame_cache import open_cache
from support.fold import FRAMES, caches, train_small

pytestmark = pytest.mark.usefixtures("one_thread")


@pytest.fixture
def own_fold(fold, tmp_path):
    """A copy of the fold whose caches may be spoilt."""
    return shutil.copytree(fold, tmp_path / "fold")


def spoil(path, field: str) -> None:
    """Put a value that is no number into a cache."""
    cache = open_cache(path)
    rows = cache.rows(0, len(cache))
    rows[field][4] = np.nan
    with open(path, "r+b") as handle:
        handle.seek(cache.offset)
        handle.write(rows.tobytes())


def recording(fold, name: str = "e"):
    return open_recordings([name], caches(fold))[name]


@pytest.mark.parametrize(("folder", "field"), [("features", "pool5"), ("phase", "level1")])
def test_a_damaged_cache_is_named(own_fold, trained_fold, folder, field):
    spoil(own_fold / folder / "e.npy", field)
    checkpoint, _, out = trained_fold
    with pytest.raises(InputError, match=rf"model\.pt: .*frames of e, .*{folder}/e\.npy holds values"):
        predict_name(out / "model.pt", checkpoint, recording(own_fold))


def test_a_network_that_overflows_is_named(fold, trained_fold):
    *_, out = trained_fold
    checkpoint = load_checkpoint(out / "model.pt")
    torch.nn.init.constant_(checkpoint.network.output_norm.weight, 3e38)
    with pytest.raises(InputError, match="inputs are in order, so the network itself diverged: train this"):
        predict_name(out / "model.pt", checkpoint, recording(fold))


def test_windows_with_frames_between_them_are_refused(fold, trained_fold):
    checkpoint, *_ = trained_fold
    with pytest.raises(InputError, match=r"found training\.hop 20 above training\.window 16"):
        predict_recording(checkpoint.network, recording(fold), 16, 20)


def test_a_fold_without_names_predicts_a_table_without_rows(fold, trained_fold, tmp_path):
    *_, out = trained_fold
    inputs = out / "model.pt", caches(fold)
    predict_fold(0, *inputs, tmp_path / "none.csv")
    assert (tmp_path / "none.csv").read_text() == "name,role,frame,valence,arousal\n"
    predict_fold(0, *inputs, tmp_path / "score.csv", fold / "folds.csv")
    some, none = read_csv(tmp_path / "score.csv"), read_csv(tmp_path / "none.csv")
    assert some["frame"].tolist() == FRAMES.tolist()
    assert some.dtypes.to_dict() == none.dtypes.to_dict()


@pytest.mark.parametrize("name", ["b", "d"], ids=["training name", "stop name"])
def test_a_training_names_the_cache_that_spoils_it(own_fold, tmp_path, name):
    spoil(own_fold / "phase" / f"{name}.npy", "level2")
    with pytest.raises(InputError, match=rf"fold 0, epoch 1: expected numbers .*phase/{name}\.npy holds"):
        train_small(own_fold, tmp_path / "out")
    assert not (tmp_path / "out" / "model.pt").exists()


@pytest.mark.parametrize("network", [{}, {"pool5_components": 3}, {"ridge": True}], ids=str)
def test_features_are_checked_before_anything_is_fitted_to_them(own_fold, tmp_path, network):
    spoil(own_fold / "features" / "b.npy", "pool5")
    with pytest.raises(InputError, match=r"^streams\.appearance: .*found others; .*features/b\.npy holds"):
        train_small(own_fold, tmp_path / "out", network=network)


def test_a_training_that_diverges_blames_the_learning_rate(fold, tmp_path):
    with pytest.raises(InputError, match=r"found others; its inputs are in order, .* lower training\.learn"):
        train_small(fold, tmp_path, learning_rate=1e30, optimiser="sgd")


def test_constant_labels_are_told_as_what_they_are(own_fold, tmp_path):
    path = own_fold / "labels" / "d.csv"
    table = pd.read_csv(path)
    table[list(DIMENSIONS)] = 0.25
    table.to_csv(path, index=False)
    # Estimates that vary have a CCC of 0 with labels that do not: no number is missing.
    train_small(own_fold, tmp_path, epochs=1)
    assert pd.read_csv(tmp_path / "history.csv")["stop_ccc_valence"].tolist() == [0.0]


def test_a_label_that_is_no_number_is_named(own_fold, tmp_path):
    path = own_fold / "labels" / "b.csv"
    path.write_text(path.read_text() + "81,,0.5,3\n")
    with pytest.raises(InputError, match=r"labels/b\.csv: expected numbers, found none for 81"):
        train_small(own_fold, tmp_path)
