"""Averages of a network's weights within a training: over its steps, or over its best epochs.

Both are averages of parameters alone, by torch's `AveragedModel`. The running statistics of batch norm are
those of the trained network's activations, and their average belongs to no network: averaged weights give
other activations. They are therefore computed anew for the averaged weights, by torch's `update_bn` on
batches as the training sees them, with flips and dropout, before these weights are evaluated or kept.

References
----------
Izmailov et al., "Averaging Weights Leads to Wider Optima and Better Generalization" (UAI 2018,
arXiv 1803.05407), section 3.2 on batch norm. Wu and Johnson, "Rethinking 'Batch' in BatchNorm"
(arXiv 2105.07576), section 3, on how many samples its statistics take.
"""

from __future__ import annotations

import copy
from collections.abc import Iterable, Sequence

from torch import Tensor, nn
from torch.optim.swa_utils import AveragedModel, get_ema_multi_avg_fn, update_bn

from mimamo.model.network import MimamoNet
from mimamo.training.config import TrainingConfig
from mimamo.training.device_batch import DeviceBatch
from mimamo.training.history import KeptEpoch

#: Batches that statistics of batch norm are computed from, at most: of windows, each with many frames.
STATISTICS_BATCHES = 100


def moving_average(network: MimamoNet, config: TrainingConfig) -> AveragedModel | None:
    """Return the exponential moving average of a network that is about to be trained; None: none is wanted.

    It begins with the weights after the first step.
    """
    if config.average != "ema":
        return None
    return AveragedModel(network, multi_avg_fn=get_ema_multi_avg_fn(config.average_decay))


def mean_network(network: MimamoNet, kept: Sequence[KeptEpoch]) -> MimamoNet:
    """Return a copy of a network with the mean of the weights of some epochs.

    Its statistics of batch norm are those of one of the epochs, to be computed anew.
    """
    average, epoch_network = AveragedModel(network), copy.deepcopy(network)
    for entry in sorted(kept, key=lambda entry: entry.epoch):
        epoch_network.load_state_dict(entry.weights)
        average.update_parameters(epoch_network)
    return average.module


def compute_statistics(network: MimamoNet, fields: Sequence[str], batches: Iterable[DeviceBatch]) -> None:
    """Compute the statistics of batch norm anew, as means over batches.

    Parameters
    ----------
    network
        The network; it is left in evaluation mode.
    fields
        The fields of a batch that it reads, in its order.
    batches
        The batches, each made when it is asked for.
    """
    network.eval()
    update_bn(batches, _OnBatches(network, fields))
    network.eval()


class _OnBatches(nn.Module):
    """A network as `update_bn` calls it, with a batch as its only argument."""

    def __init__(self, network: MimamoNet, fields: Sequence[str]) -> None:
        super().__init__()
        self.network, self.fields = network, fields

    def forward(self, batch: DeviceBatch) -> Tensor:
        """Return the network's output for a batch."""
        return batch.through(self.network, self.fields)
