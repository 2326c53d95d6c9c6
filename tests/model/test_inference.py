import numpy as np
import pandas as pd
import pytest
import torch

from mimamo import DIMENSIONS
from mimamo.dataset.recordings import DifferenceContext, open_recordings
from mimamo.model.inference import predict_fold, predict_recording
from support.fold import FRAMES, caches

pytestmark = pytest.mark.usefixtures("one_thread")


def test_predictions_cover_every_crop_once_by_role(fold, trained_fold, tmp_path):
    *_, out = trained_fold
    inputs = out / "model.pt", caches(fold)
    predict_fold(0, *inputs, tmp_path / "scored.csv", fold / "folds.csv")
    predict_fold(0, *inputs, tmp_path / "test.csv", test_names=["d"])
    table = pd.concat([pd.read_csv(tmp_path / f"{part}.csv") for part in ("scored", "test")])
    assert table.groupby(["name", "role"])["frame"].agg(list).to_dict() == {
        ("d", "test"): FRAMES.tolist(),
        ("e", "score"): FRAMES.tolist(),
    }
    assert np.isfinite(table[list(DIMENSIONS)]).all(axis=None)


def test_overlapping_windows_are_averaged(fold, trained_fold):
    """Computed the slow way: every window through the whole network, outputs summed frame by frame."""
    checkpoint, _, _ = trained_fold
    recording = open_recordings(["e"], caches(fold))["e"]
    frames, values = predict_recording(checkpoint.network, recording, 16, 8)
    total, count = np.zeros((len(frames), 2)), np.zeros((len(frames), 1))
    for first, starts, length in ((3, (0, 8, 16, 21), 16), (45, (0, 8, 9), 16), (75, (0,), 5)):
        for start in starts:
            maps = DifferenceContext.from_differences(4).read(recording, first + start, length)
            given = [
                torch.from_numpy(v.copy())[None]
                for v in (recording.values("appearance", first + start, length), *maps)
            ]
            with torch.inference_mode():
                output = checkpoint.network(*given)[0].numpy()
            rows = np.searchsorted(frames, first + start) + np.arange(length)
            total[rows], count[rows] = total[rows] + output, count[rows] + 1
    assert count.min() == 1 and count.max() == 3
    np.testing.assert_allclose(values, total / count, atol=1e-5)
