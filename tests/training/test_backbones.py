"""Training and inference on the features of several backbones."""

import numpy as np
import pytest

from mimamo.errors import InputError
from mimamo.features.record import ENTRY
from mimamo.model.checkpoint import load_checkpoint
from mimamo.model.inference import predict_fold
from mimamo.storage.files import read_csv
from mimamo.storage.frame_cache import cache_writer, feature_dtype
from mimamo.storage.name_records import NameRecords
from mimamo.storage.tensors import load_tensors, save_tensors
from mimamo.streams import PAPER
from support.fold import FEATURES, FRAMES, WIDTH, caches, make_fold
from support.training import train_and_load

pytestmark = pytest.mark.usefixtures("one_thread")

NAMES = "abcde"
OTHER = {"kind": "backbone", "backbone": "timm:test_vit", "width": 4}
STREAMS = {**PAPER, "other": OTHER, "same": {"kind": "backbone"}}
RECORD = {**FEATURES, "backbone": "timm:test_vit", "form": "timm"}


def write_record(fold, name, record):
    NameRecords(fold / "backbones/other").write(name, "as given", {ENTRY: record})


@pytest.fixture
def both(tmp_path):
    """A fold with features of another backbone, of another width."""
    make_fold(tmp_path, NAMES)
    for name in NAMES:
        values = np.random.default_rng(ord(name)).normal(size=(len(FRAMES), 5)).astype(np.float16)
        path = tmp_path / f"backbones/other/{name}.npy"
        with cache_writer(path, feature_dtype(5), len(FRAMES)) as writer:
            writer.append(FRAMES, pool5=values)
        write_record(tmp_path, name, RECORD)
    return tmp_path


def test_every_backbone_has_its_own_encoder_and_record(both):
    folders = {**caches(both), "other": both / "backbones/other", "same": both / "features"}
    options = {"streams": STREAMS, "folders": folders, "epochs": 2}
    checkpoint, _ = train_and_load(both, both / "out", pool5_components=3, **options)
    assert checkpoint.features == {"appearance": FEATURES, "other": RECORD, "same": FEATURES}
    assert checkpoint.streams == STREAMS
    config = checkpoint.network.config
    sizes = {stream.name: config.sizes_of(stream) for stream in config.feature_streams}
    assert {name: (size.inputs, size.width) for name, size in sizes.items()} == {
        "appearance": (WIDTH, 8),
        "other": (5, 4),
        "same": (WIDTH, 8),
    }
    # The components of the section network are those of the section spatial.
    assert [sizes[name].components for name in sorted(sizes)] == [3, None, 3]
    assert all(checkpoint.network.encoder(size).spread.std() > 0 for size in sizes.values())

    path = both / "out/model.pt"
    weights = both / "weights.csv"
    weights.write_text("of an earlier network, which fused by attention")
    predict_fold(0, path, folders, both / "out.csv", both / "folds.csv", weights_csv=weights)
    assert not weights.exists()
    before = read_csv(both / "out.csv")
    assert list(before["name"].unique()) == ["e"] and len(before) == len(FRAMES)
    rows = np.load(both / "backbones/other/e.npy")
    rows["pool5"] *= -9
    np.save(both / "backbones/other/e.npy", rows)
    predict_fold(0, path, folders, both / "out.csv", both / "folds.csv")
    assert not before["valence"].equals(read_csv(both / "out.csv")["valence"])

    write_record(both, "e", {**RECORD, "sha256": "1" * 64})
    with pytest.raises(InputError, match=r"found sha256 1+ instead of 0+ in the stream other; train it"):
        predict_fold(0, path, folders, both / "out.csv", both / "folds.csv")

    content = load_tensors(path, "a checkpoint", "")
    for wrong in (FEATURES, {**content["features"], "same": 3}, {"appearance": FEATURES}):
        save_tensors({**content, "features": wrong}, both / "wrong.pt")
        with pytest.raises(InputError, match=r"wrong\.pt: expected the weights of its own network"):
            load_checkpoint(both / "wrong.pt")


def test_the_file_of_one_backbone_is_as_it_always_was(trained_fold):
    *_, out = trained_fold
    content = load_tensors(out / "model.pt", "a checkpoint", "")
    assert content["features"] == FEATURES and "streams" not in content
    assert load_checkpoint(out / "model.pt").features == {"appearance": FEATURES}
