import numpy as np

from mimamo.dataset.fold_data import pool5_statistics, read_fold
from support.fold import FRAMES, WIDTH


def test_training_never_opens_the_names_it_is_scored_on(fold):
    data = read_fold(0, fold / "folds.csv", fold / "labels", [fold / "phase"], [fold / "features"])
    assert (data.train, data.stop) == (["a", "b", "c"], ["d"])
    assert set(data.recordings) == set(data.labels) == {"a", "b", "c", "d"}


def test_pool5_statistics_are_those_of_the_labelled_training_frames(fold):
    data = read_fold(0, fold / "folds.csv", fold / "labels", [fold / "phase"], [fold / "features"])
    mean, spread = pool5_statistics(data.train, data)
    assert mean.shape == spread.shape == (WIDTH,)
    values = np.concatenate(
        [np.load(fold / "features" / f"{name}.npy")["pool5"][FRAMES > 5] for name in "abc"]
    )
    np.testing.assert_allclose(mean, values.astype(float).mean(0), atol=1e-5)
    expected = np.maximum(values.astype(float).std(0), 0.01 * values.astype(float).std(0).mean())
    np.testing.assert_allclose(spread, expected, rtol=1e-4)
