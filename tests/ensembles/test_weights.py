import numpy as np
import pytest
from scipy.optimize import minimize

from mimamo import DIMENSIONS
from mimamo.ensembles.weights import METHODS, STEPS, factor, fit_weights, weights_for
from mimamo.evaluation.metrics import concordance
from mimamo.postprocessing.fit import NEW_NAMES

NAMES = ["a", "b", "c"]
FRAMES = 400


def members(noises, seed=0, frames=FRAMES):
    """Truth (frames, 2), and predictions (members, frames, 2): the truth with noise of these levels."""
    generator = np.random.default_rng(seed)
    truth = np.sin(np.arange(frames)[:, None] / (20, 33)) * 0.7
    return truth, np.stack([truth + generator.normal(0, noise, truth.shape) for noise in noises])


def fitted(noises, method, seeds=(0, 1, 2)):
    """Weights and steps of members with these noises, on a fold for every seed."""
    parts = {fold: members(noises, seed) for fold, seed in enumerate(seeds)}
    factors = {fold: factor(values, truth) for fold, (truth, values) in parts.items()}
    return parts, *fit_weights(factors, NAMES, method)


@pytest.mark.parametrize("method", METHODS)
def test_weights_add_up_to_one_and_are_never_below_zero(method):
    _, weights, _ = fitted((0.2, 0.3, 0.9), method)
    assert (weights["weight"] >= 0).all()
    assert weights.groupby(["applies_to", "dimension"])["weight"].sum().tolist() == pytest.approx([1] * 8)
    assert set(weights["applies_to"]) == {NEW_NAMES, "0", "1", "2"}


@pytest.mark.parametrize("method", METHODS)
def test_ccc_is_that_of_the_weighted_mean_on_the_frames_it_was_fitted_on(method):
    parts, weights, _ = fitted((0.2, 0.3, 0.9), method)
    for target, used in ((NEW_NAMES, (0, 1, 2)), ("1", (0, 2))):
        truth = np.concatenate([parts[fold][0] for fold in used])
        values = np.concatenate([parts[fold][1] for fold in used], axis=1)
        mean = np.einsum("mfd,md->fd", values, weights_for(weights, NAMES, target))
        own = weights[weights["applies_to"] == target].set_index("dimension")
        for i, dimension in enumerate(DIMENSIONS):
            said = own.loc[dimension, "ccc"].unique()
            assert said.tolist() == pytest.approx([concordance(truth[:, i], mean[:, i]).value], abs=1e-9)


def test_least_squares_are_those_of_all_frames_scaled():
    parts, weights, _ = fitted((0.2, 0.3, 0.9), "nnls")
    truth = np.concatenate([truth for truth, _ in parts.values()])[:, 0]
    values = np.concatenate([values for _, values in parts.values()], axis=1)[:, :, 0]
    direct = minimize(
        lambda w: ((w @ values - truth) ** 2).sum(), np.ones(3) / 3, bounds=[(0, None)] * 3, tol=1e-12
    ).x
    assert weights_for(weights, NAMES)[:, 0] == pytest.approx(direct / direct.sum(), abs=1e-4)
    # Of independent noise the best weights go by the inverse of its variance.
    assert np.all(np.diff(weights_for(weights, NAMES)[:, 0]) < 0)


def test_members_that_are_alike_or_that_tell_nothing_are_no_error():
    truth, values = members((0.2, 0.3, 0.3))
    values[2], values[1] = values[0], 0.0
    for method in METHODS:
        weights, _ = fit_weights({0: factor(values, truth), 1: factor(values, truth)}, NAMES, method)
        assert np.isfinite(weights["weight"]).all() and np.isfinite(weights["ccc"]).all()
    nothing = np.zeros_like(values)
    for method in METHODS:
        weights, _ = fit_weights({0: factor(nothing, truth), 1: factor(nothing, truth)}, NAMES, method)
        assert weights.groupby(["applies_to", "dimension"])["weight"].sum().tolist() == pytest.approx([1] * 6)


def test_a_fold_of_fewer_frames_than_members_counts_as_well():
    truth, values = members((0.2, 0.3, 0.9))
    parts = {0: factor(values[:, 2:], truth[2:]), 1: factor(values[:, :2], truth[:2])}
    whole = factor(values, truth)
    for method in METHODS:
        first, _ = fit_weights(parts, NAMES, method)
        second, _ = fit_weights({0: whole, 1: np.zeros_like(whole)}, NAMES, method)
        assert weights_for(first, NAMES) == pytest.approx(weights_for(second, NAMES))


def test_greedy_steps_are_written_down_and_lead_to_the_weights():
    parts, weights, steps = fitted((0.3, 0.35, 0.9), "greedy")
    truth = np.concatenate([truth for truth, _ in parts.values()])
    values = np.concatenate([values for _, values in parts.values()], axis=1)
    new = steps[steps["applies_to"] == NEW_NAMES].set_index("dimension")
    for i, dimension in enumerate(DIMENSIONS):
        own = new.loc[dimension]
        first = own[own["how"] == "sorted"]
        assert own["step"].tolist() == list(range(1, len(first) + STEPS + 1))
        assert first["member"].tolist() == NAMES[: len(first)]
        kept = own[own["kept"] == "yes"]
        shares = kept["member"].value_counts(normalize=True).reindex(NAMES, fill_value=0)
        assert weights_for(weights, NAMES)[:, i] == pytest.approx(shares.to_numpy())
        # Every step's CCC is that of the mean up to it, and none is better than the last that is kept.
        for number, row in enumerate(own.to_dict("records"), start=1):
            mean = np.mean([values[NAMES.index(m), :, i] for m in own["member"][:number]], axis=0)
            assert row["ccc"] == pytest.approx(concordance(truth[:, i], mean).value, abs=1e-8)
        assert kept["ccc"].iloc[-1] == own["ccc"].max()
        best_single = max(concordance(truth[:, i], values[m, :, i]).value for m in range(3))
        assert own["ccc"].max() > best_single


def test_weights_for_a_fold_do_not_depend_on_it():
    parts = {fold: members((0.2, 0.3, 0.9), fold) for fold in range(3)}
    factors = {fold: factor(values, truth) for fold, (truth, values) in parts.items()}
    spoilt = factors | {1: factor(parts[1][1][::-1], parts[1][0])}
    for method in ("nnls", "greedy"):
        before, after = (fit_weights(each, NAMES, method) for each in (factors, spoilt))
        for one, other in zip(before, after, strict=True):
            own = one["applies_to"] == "1"
            assert (
                one[own]
                .reset_index(drop=True)
                .equals(other[other["applies_to"] == "1"].reset_index(drop=True))
            )
        assert not before[0].equals(after[0])
