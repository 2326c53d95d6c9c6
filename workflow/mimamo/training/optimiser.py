"""Optimiser and learning-rate schedule."""

from __future__ import annotations

import torch

from mimamo.model.network import MimamoNet
from mimamo.training.config import TrainingConfig


def make_optimiser(network: MimamoNet, config: TrainingConfig, steps_per_epoch: int):
    """Create the optimiser and its learning-rate schedule, which is advanced after every step.

    Returns
    -------
    tuple[torch.optim.Optimizer, torch.optim.lr_scheduler.LRScheduler]
    """
    options = {"lr": config.learning_rate, "weight_decay": config.weight_decay}
    if next(network.parameters()).is_cuda:
        # One kernel instead of several for each weight. On the CPU it would round otherwise, for no gain.
        options["fused"] = True
    if config.optimiser == "sgd":
        optimiser = torch.optim.SGD(network.parameters(), momentum=config.momentum, **options)
    else:
        optimiser = torch.optim.AdamW(network.parameters(), **options)
    if config.schedule == "one_cycle":
        schedule = torch.optim.lr_scheduler.OneCycleLR(
            optimiser, config.learning_rate, total_steps=config.epochs * steps_per_epoch
        )
    else:
        milestones = [epoch * steps_per_epoch for epoch in config.milestones]
        schedule = torch.optim.lr_scheduler.MultiStepLR(optimiser, milestones, config.gamma)
    return optimiser, schedule
