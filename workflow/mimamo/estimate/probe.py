"""Trying the configured networks for a few seconds: how many frames they do."""

from __future__ import annotations

import os
import time
from collections.abc import Callable

import numpy as np
import torch

from mimamo.device import pick_device, use_bfloat16
from mimamo.estimate.rates import Rate
from mimamo.features.extract import load_network, pool5, prepare
from mimamo.model.network import BANDS, MimamoNet, NetworkConfig
from mimamo.training.config import TrainingConfig
from mimamo.training.loss import concordance_loss
from mimamo.training.optimiser import make_optimiser

#: Side of an aligned crop, and the sides of the phase maps of both levels.
CROP, MAPS = 112, (48, 24)
#: Steps that are timed, after one that is not.
STEPS = 2


def measure(rule: str, config: dict) -> Rate:
    """Run the network of a rule on made-up data.

    Parameters
    ----------
    rule
        ``features``, ``train`` or ``predict``.
    config
        The configuration, whose sizes and batch sizes count; on a CPU, where rates hardly depend on it, a
        batch is small.
    """
    device = pick_device()
    threads = 1 if rule == "features" else config["training"]["threads"]
    # More threads than processors would stand in each other's way, and the job will not be so cramped.
    torch.set_num_threads(min(threads, len(os.sched_getaffinity(0))))
    with torch.random.fork_rng():
        step, frames = {"features": _features, "train": _training, "predict": _prediction}[rule](
            config, device
        )
        step()
        begun = _now(device)
        for _ in range(STEPS):
            step()
    where = (
        torch.cuda.get_device_name() if device.type == "cuda" else f"CPU, {torch.get_num_threads()} threads"
    )
    rate = STEPS * frames / (_now(device) - begun)
    return Rate(rate, device.type == "cuda", f"{STEPS} steps of the configured network, here ({where})")


def _now(device: torch.device) -> float:
    if device.type == "cuda":
        torch.cuda.synchronize()
    return time.perf_counter()


def _features(config: dict, device: torch.device) -> tuple[Callable[[], object], int]:
    """Return a call that computes the features of some crops, and how many."""
    # The weights make no difference to the speed, and need not be here.
    network, about = load_network({**config["spatial"], "weights": "random", "sha256": None})
    frames = config["spatial"]["batch_size"] if device.type == "cuda" else 8
    crops = np.random.default_rng(0).integers(0, 256, (frames, CROP, CROP, 3), dtype=np.uint8)
    size, resize = about["input_size"], about["resize"]
    return lambda: pool5(network, prepare(crops, size, resize)), frames


def _network(config: dict, device: torch.device) -> MimamoNet:
    training = TrainingConfig.from_dict(config["training"])
    network = MimamoNet(NetworkConfig.from_dict(config["network"]), training.streams)
    network.temporal.bfloat16 = use_bfloat16(training.precision, device)
    return network.to(device, memory_format=torch.channels_last)


def _inputs(config: dict, windows: int, device: torch.device) -> list[torch.Tensor]:
    """Return made-up features and maps of both levels of some windows."""
    time_, differences = config["training"]["window"], config["network"]["differences"]
    shapes = [(windows, time_, NetworkConfig.pool5_width)]
    shapes += [(windows, time_ + differences - 1, BANDS, side, side) for side in MAPS]
    return [torch.randn(shape, device=device).half() for shape in shapes]


def _windows(config: dict, device: torch.device) -> int:
    return config["training"]["batch_size"] if device.type == "cuda" else 1


def _training(config: dict, device: torch.device) -> tuple[Callable[[], object], int]:
    """Return a call that takes a step of training, and the frames in it."""
    training = TrainingConfig.from_dict(config["training"])
    network = _network(config, device)
    optimiser, _ = make_optimiser(network, training, steps_per_epoch=STEPS)
    windows = _windows(config, device)
    inputs, frames = _inputs(config, windows, device), windows * training.window
    valid = torch.ones(windows, training.window, dtype=torch.bool, device=device)
    target = torch.rand(frames, 2, device=device)

    def step() -> None:
        loss = concordance_loss(network(*inputs, valid)[valid], target)
        optimiser.zero_grad(set_to_none=True)
        loss.backward()
        optimiser.step()

    return step, frames


def _prediction(config: dict, device: torch.device) -> tuple[Callable[[], object], int]:
    """Return a call that predicts some windows, and the frames in them."""
    network, windows = _network(config, device).eval(), _windows(config, device)
    inputs = _inputs(config, windows, device)

    def step() -> None:
        with torch.inference_mode():
            network(*inputs)

    return step, windows * config["training"]["window"]
