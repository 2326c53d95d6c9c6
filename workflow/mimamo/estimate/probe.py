"""The rates of the configured networks and of cutting crops, measured for a few seconds on this machine."""

from __future__ import annotations

import os
import tempfile
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import torch

from mimamo.bench.clock import medians
from mimamo.bench.training import generated_fold, take_steps
from mimamo.bench.videos import USUAL, write_video
from mimamo.corpus.layout import Corpus
from mimamo.corpus.videos import open_video
from mimamo.cropping.crop import CropSettings, crop_video
from mimamo.cropping.weights import find_detector
from mimamo.dataset.fold_data import FoldData
from mimamo.device import pick_device
from mimamo.estimate.rates import Rate
from mimamo.estimate.widths import stream_widths
from mimamo.features.extract import load_network, pool5
from mimamo.features.preparation import prepare
from mimamo.model.inference import predict_recording
from mimamo.model.sizes import NetworkConfig
from mimamo.streams import backbones_of
from mimamo.training.config import TrainingConfig
from mimamo.training.loop import network_sizes
from mimamo.training.trainer import Training

#: Side of an aligned crop.
CROP = 112
#: Frames of the video that is cut.
FRAMES = 60
#: Steps that are timed, after one that is not.
STEPS = 2


def measure(rule: str, config: dict) -> Rate:
    """Run the network of a rule on generated data.

    Parameters
    ----------
    rule
        ``features``, ``train`` or ``predict``; or ``crops``.
    config
        The configuration, whose sizes and batch sizes count; on a CPU, where rates hardly depend on it, a
        batch is small.

    Returns
    -------
    Rate
        Crops a second; of ``train``, frames of windows a second.
    """
    if rule == "crops":
        return cropping_rate(config)
    device = pick_device()
    threads = 1 if rule == "features" else config["training"]["threads"]
    # More threads than processors would slow each other down; the job will have as many as it asks for.
    torch.set_num_threads(min(threads, len(os.sched_getaffinity(0))))
    with torch.random.fork_rng():
        rate = RATES[rule](config, device)
    where = (
        torch.cuda.get_device_name() if device.type == "cuda" else f"CPU, {torch.get_num_threads()} threads"
    )
    return Rate(rate, device.type == "cuda", f"{STEPS} steps of the configured network, here ({where})")


def cropping_rate(config: dict) -> Rate:
    """Return how many frames a second become crops, of a video as large as the data set's first one."""
    cropping = config["cropping"]
    settings = CropSettings(cropping["smoothing"], detector=find_detector(cropping["detector"]))
    size = _first_size(config) or USUAL
    with tempfile.TemporaryDirectory() as scratch:
        video = write_video(Path(scratch) / "video.mp4", size, FRAMES)
        start = time.perf_counter()
        crop_video(video, Path(scratch) / "crops", settings)
        rate = FRAMES / (time.perf_counter() - start)
    return Rate(rate, False, f"{FRAMES} frames of {size[0]} by {size[1]} pixels, here (CPU, 1 thread)")


def _first_size(config: dict) -> tuple[int, int] | None:
    """Return the width and height of the first video of the data set; None where there is none."""
    corpus = Corpus.from_config(config, config["root"])
    first = next((paths[0] for name in corpus.crop_names() if (paths := corpus.containers(name))), None)
    if first is None:
        return None
    with open_video(first) as (_, stream):
        # Both even, as the encoder of the measured video needs them.
        return stream.width // 2 * 2, stream.height // 2 * 2


def features_rate(config: dict, device: torch.device) -> float:
    """Return how many crops a second all backbones take, one after the other."""
    spatial = config["spatial"]
    sections = backbones_of(config["streams"], spatial, spatial).values()
    return 1 / sum(_seconds_a_crop(section, device) for section in sections)


def _seconds_a_crop(spatial: dict, device: torch.device) -> float:
    """Return how long a backbone takes for a crop."""
    # The weights make no difference to the speed, and need not be available.
    network, record = load_network({**spatial, "weights": "random", "sha256": None, "url": None})
    count = spatial["batch_size"] if device.type == "cuda" else 8
    crops = np.random.default_rng(0).integers(0, 256, (count, CROP, CROP, 3), dtype=np.uint8)
    size, resize = record["input_size"], record["resize"]
    return seconds_a_step(lambda: pool5(network, prepare(crops, size, resize))) / count


def training_rate(config: dict, device: torch.device) -> float:
    """Return how many frames of windows a second are trained, by the loop that trains a fold."""
    settings, sizes = _configured(config, device)
    with tempfile.TemporaryDirectory() as scratch:
        data = _fold(Path(scratch), settings, sizes)
        return take_steps(data, sizes, settings, STEPS).frames_per_second


def prediction_rate(config: dict, device: torch.device) -> float:
    """Return how many frames a second are predicted, from caches as a fold's names are."""
    settings, sizes = _configured(config, device)
    with tempfile.TemporaryDirectory() as scratch:
        data = _fold(Path(scratch), settings, sizes)
        network = Training(0, data, sizes, settings).network
        (recording,) = data.recordings.values()
        step = seconds_a_step(lambda: predict_recording(network, recording, settings.window, settings.hop))
        return len(recording.frames) / step


#: What measures the rate of each rule with a network.
RATES: dict[str, Callable[[dict, torch.device], float]] = {
    "features": features_rate,
    "train": training_rate,
    "predict": prediction_rate,
}


def seconds_a_step(step: Callable[[], object]) -> float:
    """Return the seconds that a step takes, of `STEPS` after one that does not count."""
    return medians({"step": step}, STEPS)["step"]


def _configured(config: dict, device: torch.device) -> tuple[TrainingConfig, NetworkConfig]:
    """Return the settings of the training, with a batch that `device` takes in seconds, and the sizes."""
    settings = TrainingConfig.from_dict(config["training"])
    if device.type != "cuda":
        settings = replace(settings, batch_size=1)
    return settings, network_sizes(config["network"], config["streams"], stream_widths(config))


def _fold(folder: Path, settings: TrainingConfig, sizes: NetworkConfig) -> FoldData:
    """Return generated data for two batches of windows."""
    frames = 2 * settings.batch_size * settings.window
    return generated_fold(folder, "generated", frames, sizes.pool5_width, sizes.streams)
