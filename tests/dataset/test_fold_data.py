import numpy as np
import pytest
import torch

from mimamo.dataset.fold_data import FoldData, feature_statistics, principal_components, read_fold
from mimamo.errors import InputError
from support.fold import FRAMES, WIDTH, caches


def test_training_never_opens_the_names_it_is_scored_on(fold):
    data = read_fold(0, fold / "folds.csv", fold / "labels", caches(fold))
    assert (data.train, data.stop) == (["a", "b", "c"], ["d"])
    assert set(data.recordings) == set(data.labels) == {"a", "b", "c", "d"}


def test_statistics_are_those_of_the_labelled_training_frames(fold):
    data = read_fold(0, fold / "folds.csv", fold / "labels", caches(fold))
    mean, spread = feature_statistics(data.train, data, "appearance")
    assert mean.shape == spread.shape == (WIDTH,)
    values = np.concatenate(
        [np.load(fold / "features" / f"{name}.npy")["pool5"][FRAMES > 5] for name in "abc"]
    )
    np.testing.assert_allclose(mean, values.astype(float).mean(0), atol=1e-5)
    expected = np.maximum(values.astype(float).std(0), 0.01 * values.astype(float).std(0).mean())
    np.testing.assert_allclose(spread, expected, rtol=1e-4)


@pytest.fixture
def data(fold) -> FoldData:
    return read_fold(0, fold / "folds.csv", fold / "labels", caches(fold))


def labelled(fold) -> torch.Tensor:
    """Pool5 of the labelled training frames."""
    values = [np.load(fold / "features" / f"{name}.npy")["pool5"][FRAMES > 5] for name in "abc"]
    return torch.from_numpy(np.concatenate(values).astype(np.float32))


def test_principal_components_have_unit_spread_and_are_uncorrelated(fold, data):
    mean, spread = feature_statistics(data.train, data, "appearance")
    components = principal_components(data.train, data, "appearance", mean, spread, 3)
    assert components.shape == (3, WIDTH) and components.dtype == torch.float32
    standardised = (labelled(fold) - mean) / spread
    torch.testing.assert_close(
        torch.cov((standardised @ components.T).T, correction=0), torch.eye(3), atol=1e-3, rtol=0
    )
    # They are those that explain most: the singular values of the data say how much that is.
    variances = 1 / components.square().sum(1)
    expected = torch.linalg.svdvals(standardised)[:3].square() / len(standardised)
    torch.testing.assert_close(variances, expected, rtol=1e-3, atol=0)


def test_more_components_than_the_features_have_are_refused(data):
    mean, spread = feature_statistics(data.train, data, "appearance")
    with pytest.raises(InputError, match=f"appearance, is {WIDTH + 1}, expected at most {WIDTH}:"):
        principal_components(data.train, data, "appearance", mean, spread, WIDTH + 1)
