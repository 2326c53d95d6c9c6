import numpy as np
import pytest
import torch

from mimamo.errors import InputError
from mimamo.model.checkpoint import load_checkpoint
from mimamo.phase.energy import phase_energy
from mimamo.storage.frame_cache import open_cache


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


def test_a_checkpoint_holds_how_much_its_trainings_crops_moved(trained_fold, fold):
    *_, out = trained_fold
    found = load_checkpoint(out / "model.pt").phase_energy
    energies = [phase_energy(open_cache(fold / "phase" / f"{name}.npy")) for name in "abc"]
    assert found == pytest.approx(
        {"median": np.median(energies), "smallest": min(energies), "largest": max(energies)}
    )


def test_a_checkpoint_of_before_has_no_energy_and_a_wrong_one_is_refused(trained_fold, tmp_path):
    *_, out = trained_fold
    content = torch.load(out / "model.pt", weights_only=True)
    del content["phase_energy"]
    torch.save(content, tmp_path / "old.pt")
    assert load_checkpoint(tmp_path / "old.pt").phase_energy == {}
    for wrong in ([1.0], {"median": 1.0}, {"median": "x", "smallest": 0.1, "largest": 0.2}):
        torch.save({**content, "phase_energy": wrong}, tmp_path / "wrong.pt")
        with pytest.raises(InputError, match="expected numbers in phase_energy"):
            load_checkpoint(tmp_path / "wrong.pt")


def test_a_checkpoint_tells_whether_it_was_trained_on_the_demo_where_that_is_known(trained_fold, tmp_path):
    *_, out = trained_fold
    content = torch.load(out / "model.pt", weights_only=True)
    assert "demo" not in content and load_checkpoint(out / "model.pt").demo is None
    for demo in (True, False):
        torch.save({**content, "demo": demo}, tmp_path / "model.pt")
        assert load_checkpoint(tmp_path / "model.pt").demo is demo
    torch.save({**content, "demo": "yes"}, tmp_path / "wrong.pt")
    with pytest.raises(InputError, match="expected true or false in demo"):
        load_checkpoint(tmp_path / "wrong.pt")
