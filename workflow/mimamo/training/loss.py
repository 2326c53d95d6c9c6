"""Training loss: the negative concordance correlation coefficient."""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor

#: Least denominator of a CCC. It matters only where truth and prediction are constant: the CCC is then zero.
_FLOOR = 1e-8


def concordance_loss(prediction: Tensor, target: Tensor) -> Tensor:
    """Return -(CCC of valence + CCC of arousal) over frames.

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
    denominator = (variance_p + variance_t + (mean_p - mean_t) ** 2).clamp_min(_FLOOR)
    return -(2 * covariance / denominator).sum()


def batch_loss(prediction: Tensor, target: Tensor, labelled: Tensor | None) -> Tensor:
    """Return the loss over all labelled frames of a batch together.

    Parameters
    ----------
    prediction, target
        (windows, frames, 2) each.
    labelled
        (windows, frames) bool: the frames that count; None: all.
    """
    return concordance_loss(frames_of(prediction, labelled), frames_of(target, labelled))


def window_loss(prediction: Tensor, target: Tensor, labelled: Tensor | None) -> Tensor:
    """Return the mean of the losses over the labelled frames of each window, see `batch_loss`.

    How windows differ from each other counts for nothing, and each window needs the spread of its own labels.
    """
    if labelled is None:
        labelled = prediction.new_ones(prediction.shape[:2], dtype=torch.bool)
    weight = labelled[..., None] / labelled.sum(1).clamp_min(1)[:, None, None]
    mean_p, mean_t = ((weight * values).sum(1, keepdim=True) for values in (prediction, target))
    centred_p, centred_t = prediction - mean_p, target - mean_t
    variance_p, variance_t, covariance = (
        (weight * product).sum(1) for product in (centred_p**2, centred_t**2, centred_p * centred_t)
    )
    denominator = (variance_p + variance_t + (mean_p - mean_t)[:, 0] ** 2).clamp_min(_FLOOR)
    return -(2 * covariance / denominator).sum(1).mean()


#: Returns the loss of a batch of windows, see `batch_loss`; by the configuration's name of it.
LOSSES: dict[str, Callable[[Tensor, Tensor, Tensor | None], Tensor]] = {
    "batch": batch_loss,
    "window": window_loss,
}


def frames_of(values: Tensor, chosen: Tensor | None) -> Tensor:
    """Return the frames of `values` (windows, frames, 2) that are `chosen`, all by default: (n, 2)."""
    return values.flatten(0, 1) if chosen is None else values[chosen]
