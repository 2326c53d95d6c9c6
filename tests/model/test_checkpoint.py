import pytest
import torch

from mimamo.errors import InputError
from mimamo.model.checkpoint import load_checkpoint


@pytest.mark.parametrize("content", [b"", b"no checkpoint", {"weights": {}}, {"format": 1}, [1]])
def test_anything_but_a_checkpoint_is_refused(tmp_path, content):
    path = tmp_path / "model.pt"
    if isinstance(content, bytes):
        path.write_bytes(content)
    else:
        torch.save(content, path)
    with pytest.raises(InputError, match=r"model\.pt: expected a checkpoint"):
        load_checkpoint(path)


def test_weights_that_do_not_fit_their_own_network_are_told(trained_fold, tmp_path):
    *_, out = trained_fold
    content = torch.load(out / "model.pt", weights_only=True)
    content["weights"]["fuse.bias"] = torch.zeros(3)
    del content["weights"]["output.bias"]
    torch.save(content, tmp_path / "model.pt")
    with pytest.raises(InputError, match=r"1 missing: output\.bias; 1 of another shape: fuse\.bias"):
        load_checkpoint(tmp_path / "model.pt")
