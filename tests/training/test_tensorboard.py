import pytest

from mimamo.training.tensorboard import TensorBoardLog


def test_an_older_trainings_curves_are_removed_and_no_folder_means_no_curves(tmp_path):
    pytest.importorskip("tensorboard")
    (tmp_path / "tensorboard").mkdir()
    (tmp_path / "tensorboard" / "events.out.tfevents.1.old").write_bytes(b"old")
    with TensorBoardLog(tmp_path / "tensorboard"):
        assert ".old" not in " ".join(path.name for path in (tmp_path / "tensorboard").iterdir())
    with TensorBoardLog(None) as log:
        log.add({})
