"""Files of tensors that are damaged, empty or hold values that are not numbers: every reader says so."""

import pytest
import torch

from mimamo.errors import InputError
from mimamo.features.weights import load_weights
from mimamo.model.checkpoint import load_checkpoint
from mimamo.own_data.published import read_published
from mimamo.storage.tensors import load_tensors
from mimamo.training.saved_state import SavedStates
from support.models import write_model
from support.weights import SPATIAL

READERS = {
    "checkpoint": load_checkpoint,
    "published checkpoint": read_published,
    "weights": lambda path: load_weights({**SPATIAL, "weights": str(path)}),
    "tensors": lambda path: load_tensors(path, "tensors", "get it again"),
}


@pytest.mark.parametrize("zipped", [True, False], ids=["zip", "legacy"])
@pytest.mark.parametrize("reader", READERS)
def test_a_file_that_was_cut_off_is_damaged(tmp_path, reader, zipped):
    path = tmp_path / "model.pt"
    torch.save({"a": torch.zeros(2000)}, path, _use_new_zipfile_serialization=zipped)
    whole = path.read_bytes()
    for length in (10, 400, len(whole) // 2, len(whole) - 300, len(whole) - 1):
        path.write_bytes(whole[:length])
        with pytest.raises(InputError, match=r"model\.pt: expected .* found a damaged file") as error:
            READERS[reader](path)
        assert "Errno" not in str(error.value) and "Invalid argument" not in str(error.value)


@pytest.mark.parametrize("reader", READERS)
def test_an_empty_file_is_told(tmp_path, reader):
    (tmp_path / "model.pt").touch()
    with pytest.raises(InputError, match=r"model\.pt: .*found an empty file"):
        READERS[reader](tmp_path / "model.pt")


def test_a_state_that_was_cut_off_is_passed_over(tmp_path, caplog):
    states = SavedStates(tmp_path, "mine")
    states.save(1, {"step": 1})
    states.save(2, {"step": 2, "values": torch.zeros(2000)})
    newest = tmp_path / "000000002.pt"
    newest.write_bytes(newest.read_bytes()[:-100])
    with caplog.at_level("WARNING", "mimamo"):
        assert states.load() == {"step": 1}
    assert "found a damaged file" in caplog.text and "it is ignored" in caplog.text


@pytest.mark.parametrize("value", [float("nan"), float("inf")])
def test_weights_that_are_no_numbers_are_named(tmp_path, value):
    model = write_model(tmp_path / "model.pt", 0, bias=value)
    with pytest.raises(InputError, match=r"model\.pt: .*not numbers in 1 of them, as in output_norm\.bias"):
        load_checkpoint(model)
    state = {"conv1.weight": torch.zeros(64, 3, 7, 7), "bn1.bias": torch.full((64,), value)}
    torch.save(state, tmp_path / "weights.pth")
    with pytest.raises(InputError, match=r"weights\.pth: .*the first bn1\.bias, so the file is damaged"):
        READERS["weights"](tmp_path / "weights.pth")
    published = {"state_dict": {"rnns.bias": torch.full((2,), value)}, "epoch": 1}
    torch.save(published, tmp_path / "published.pt")
    with pytest.raises(InputError, match=r"published\.pt: .*the first rnns\.bias"):
        read_published(tmp_path / "published.pt")
