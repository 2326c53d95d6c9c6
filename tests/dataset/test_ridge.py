"""Ridge regression across people: against scikit-learn, and by fits that have not seen who they estimate."""

from dataclasses import replace

import numpy as np
import pytest
import torch
from sklearn.linear_model import Ridge

from mimamo.dataset import ridge
from mimamo.dataset.fold_data import feature_statistics, read_fold
from mimamo.dataset.labels import Labels
from mimamo.dataset.ridge import PENALTIES, fit_ridge
from mimamo.errors import InputError
from mimamo.model.ridge import RidgePath
from support.fold import caches

CPU = torch.device("cpu")
STREAM = "appearance"


@pytest.fixture
def data(fold):
    """The small fold, with the stop name for training as well: four people."""
    data = read_fold(0, fold / "folds.csv", fold / "labels", caches(fold))
    return replace(data, train=sorted(data.train + data.stop), stop=[])


def statistics(data) -> dict:
    """Mean and spread of the stream over the training names."""
    return {STREAM: feature_statistics(data.train, data, STREAM)}


def of(data, name: str) -> tuple[np.ndarray, np.ndarray]:
    """Features and labels of the labelled frames of a name."""
    labels, recording = data.labels[name], data.recordings[name]
    values = np.concatenate([recording.values(STREAM, int(frame), 1) for frame in labels.frames])
    return values.astype(np.float64), labels.values.astype(np.float64)


def peer(data, names: list[str], penalty: float, x: np.ndarray) -> np.ndarray:
    """What scikit-learn estimates for features x, fitted on some names and standardised by all."""
    mean, spread = (values.double().numpy() for values in feature_statistics(data.train, data, STREAM))
    inputs, truth = (np.concatenate(parts) for parts in zip(*(of(data, name) for name in names), strict=True))
    model = Ridge(alpha=penalty * len(inputs)).fit((inputs - mean) / spread, truth)
    return model.predict((x - mean) / spread)


def test_penalty_and_estimates_are_those_of_scikit_learn(data):
    fit = fit_ridge(data, statistics(data), CPU)
    crossed = {
        penalty: [
            peer(data, [n for n in data.train if n != name], penalty, of(data, name)[0])
            for name in data.train
        ]
        for penalty in PENALTIES
    }
    truth = np.concatenate([of(data, name)[1] for name in data.train])
    estimates = {penalty: np.concatenate(parts) for penalty, parts in crossed.items()}
    for i in range(2):
        errors = {
            penalty: np.square(values[:, i] - truth[:, i]).mean() for penalty, values in estimates.items()
        }
        assert fit.penalties[i] == min(errors, key=errors.get)
        own, labels = estimates[fit.penalties[i]][:, i], truth[:, i]
        slope = np.clip(np.cov(own, labels, ddof=0)[0, 1] / own.var(), 0, 1)
        expected = labels.mean() + slope * (own - own.mean())
        found = np.concatenate([fit.estimates[name][:, i] for name in data.train])
        assert found == pytest.approx(expected, abs=2e-3)
        assert float(fit.slope[i]) == pytest.approx(slope, abs=2e-3)
        assert float(fit.spread[i]) == pytest.approx((labels - expected).std(), abs=2e-3)


def test_the_path_estimates_other_people_as_scikit_learn_does(data, fold):
    fit = fit_ridge(data, statistics(data), CPU)
    path = RidgePath([len(fit.mean)])
    path.load(fit.mean, fit.weight, fit.bias, fit.slope)
    values = of(data, "a")[0]
    found = path([torch.from_numpy(values)[None]], [None])[0].numpy()
    expected = peer(data, data.train, fit.penalties[0], values)[:, 0]
    # Valence is all but linear in these features, so that hardly anything is shrunk.
    assert np.corrcoef(found[:, 0], expected)[0, 1] > 0.9999
    # Of arousal they say nothing: it is estimated as its mean.
    assert found[:, 1].std() < 0.3 * of(data, "a")[1][:, 1].std()


def test_nobody_is_estimated_by_a_fit_that_has_seen_him(data):
    """Other labels of a person change the estimates of the others, and not the person's own."""
    labels = data.labels["a"]
    turned = replace(data, labels={**data.labels, "a": Labels(labels.frames, labels.values[:, ::-1].copy())})
    moments = [fit_ridge(given, statistics(given), CPU) for given in (data, turned)]
    part_of = ridge._parts(data)
    scale = ridge._Scale([STREAM], *statistics(data)[STREAM])
    assert len(set(part_of.values())) == len(data.train)
    before, after = (fit.estimates["b"] for fit in moments)
    assert not np.allclose(before, after)
    own = ridge._Moments.zeros(len(scale.mean), CPU)
    for name in data.train:
        if name != "a":
            for z, y in ridge._frames(name, data, scale):
                own.add(z, y)
    weight, _ = own.fit(moments[0].penalties[0])
    # The raw estimates of a, before they are shrunk, are linear in those of the fit without it.
    raw = np.concatenate([(z.double() @ weight).numpy() for z, _ in ridge._frames("a", data, scale)])[:, 0]
    assert abs(np.corrcoef(raw, moments[0].estimates["a"][:, 0])[0, 1]) == pytest.approx(1, abs=1e-6)


def test_names_of_one_group_are_in_one_part(data):
    together = replace(data, groups={**data.groups, "b": data.groups["a"]})
    part_of = ridge._parts(together)
    assert part_of["a"] == part_of["b"] != part_of["c"]


def test_one_person_is_refused(data):
    alone = replace(data, groups=dict.fromkeys(data.groups, "a"))
    with pytest.raises(InputError, match=r"network\.ridge is true, expected training names of two people"):
        fit_ridge(alone, statistics(alone), CPU)
