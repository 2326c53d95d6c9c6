import numpy as np
import pytest
import torch

from mimamo.evaluation.metrics import concordance
from mimamo.training.loss import concordance_loss


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
