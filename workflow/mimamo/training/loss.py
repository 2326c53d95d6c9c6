"""Training loss: the negative concordance correlation coefficient."""

from __future__ import annotations

import torch
from torch import Tensor


def concordance_loss(prediction: Tensor, target: Tensor) -> Tensor:
    """Return -(CCC of valence + CCC of arousal) over a batch.

    Parameters
    ----------
    prediction, target
        Valence and arousal, (frames, 2) each.

    Returns
    -------
    torch.Tensor
        A scalar in [-2, 2]. The CCC is Lin's (Biometrics 45, 1989): 2 s_xy / (s_x² + s_y² + (m_x - m_y)²),
        with population variances.
    """
    variance_p, mean_p = torch.var_mean(prediction, dim=0, correction=0)
    variance_t, mean_t = torch.var_mean(target, dim=0, correction=0)
    covariance = ((prediction - mean_p) * (target - mean_t)).mean(dim=0)
    # The floor matters only where truth and prediction of a batch are constant: the CCC is then zero.
    denominator = (variance_p + variance_t + (mean_p - mean_t) ** 2).clamp_min(1e-8)
    return -(2 * covariance / denominator).sum()
