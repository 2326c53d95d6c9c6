import numpy as np
import pytest
import torch

from mimamo.evaluation.metrics import concordance
from mimamo.training.loss import batch_loss, concordance_loss, window_loss


def test_loss_is_minus_the_sum_of_both_concordances():
    rng = np.random.default_rng(0)
    truth, guess = rng.normal(size=(2, 50, 2))
    expected = -sum(concordance(truth[:, i], guess[:, i]).value for i in range(2))
    assert concordance_loss(torch.tensor(guess), torch.tensor(truth)).item() == pytest.approx(
        expected, abs=1e-9
    )
    constant = torch.full((50, 2), 0.3, requires_grad=True)
    concordance_loss(constant, torch.full((50, 2), 0.3)).backward()
    assert torch.isfinite(constant.grad).all()


def test_the_loss_of_windows_is_the_mean_of_those_of_each_over_its_labelled_frames():
    rng = np.random.default_rng(0)
    truth, guess = torch.tensor(rng.normal(size=(2, 3, 20, 2)))
    guess.requires_grad_()
    labelled = torch.tensor(rng.random((3, 20)) < 0.7)
    each = [concordance_loss(guess[i][labelled[i]], truth[i][labelled[i]]) for i in range(3)]
    assert window_loss(guess, truth, labelled).item() == pytest.approx(torch.stack(each).mean().item())
    each = [concordance_loss(guess[i], truth[i]) for i in range(3)]
    assert window_loss(guess, truth, None).item() == pytest.approx(torch.stack(each).mean().item())
    # What has no label has no say.
    (gradient,) = torch.autograd.grad(window_loss(guess, truth, labelled), guess)
    assert not gradient[~labelled].any() and gradient[labelled].all()


def test_the_loss_of_a_batch_is_that_of_all_labelled_frames_together():
    rng = np.random.default_rng(1)
    truth, guess = torch.tensor(rng.normal(size=(2, 3, 20, 2)))
    labelled = torch.tensor(rng.random((3, 20)) < 0.7)
    assert batch_loss(guess, truth, labelled) == concordance_loss(guess[labelled], truth[labelled])
    assert batch_loss(guess, truth, None) == concordance_loss(guess.flatten(0, 1), truth.flatten(0, 1))
