"""Benchmark of peak memory: each stage, with short and with long videos.

Every stage is run in a process of its own, whose peak counts: ``python -m mimamo.bench.memory STAGE
FRAMES FILTERS FOLDER`` prints it in MiB.
"""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

from mimamo.bench.process import peak_memory
from mimamo.bench.rows import Row

STAGE = "memory"

#: Frames of a short and of a long video.
SHORT, LONG = 200, 40_000

#: MiB that a stage may take; what is above the stage's own is torch itself and the network.
LIMIT = 1536


def measure(filters: Path, folder: Path) -> Iterator[Row]:
    """Measure every stage in a process of its own."""
    for stage in STAGES:
        peaks = {frames: peak_of(stage, frames, filters, folder) for frames in (SHORT, LONG)}
        for frames, peak in peaks.items():
            yield Row(STAGE, f"{stage}, {frames} frames a name", peak, "MiB", target=f"<= {LIMIT}")
        yield Row(STAGE, stage, peaks[LONG] / peaks[SHORT], "×", f"{SHORT} frames a name", "<= 1.5")


def peak_of(stage: str, frames: int, filters: Path, folder: Path) -> float:
    """Return the peak memory in MiB of a process that runs a stage on a name of so many frames."""
    command = [sys.executable, "-m", "mimamo.bench.memory", stage, str(frames), str(filters), str(folder)]
    process = subprocess.run(command, capture_output=True, text=True, check=False)
    if process.returncode:
        raise RuntimeError(f"measuring the memory of {stage} failed: {process.stderr.strip()[-2000:]}")
    return float(process.stdout.split()[-1])


def phase(frames: int, filters: Path, folder: Path) -> None:
    """Run the stage of phase differences."""
    from mimamo.bench.generated import write_crops
    from mimamo.corpus.crop_naming import CropNaming
    from mimamo.corpus.extraction import Crops, write_cache
    from mimamo.phase.cache import phase_rows
    from mimamo.phase.differences import PhaseDifference
    from mimamo.phase.steerable_pyramid import load_filters
    from mimamo.storage.frame_cache import phase_dtype

    crops = Crops("bench", folder / str(frames), write_crops(folder / str(frames), frames), CropNaming())
    module = PhaseDifference(load_filters(filters))
    write_cache(crops, folder, phase_dtype(), phase_rows(module, crops))


def features(frames: int, filters: Path, folder: Path) -> None:
    """Run the stage of features, at a size that is quick: what grows with the video does not depend on it."""
    from mimamo.bench.features import spatial_of
    from mimamo.bench.generated import write_crops
    from mimamo.corpus.crop_naming import CropNaming
    from mimamo.corpus.extraction import Crops, write_cache
    from mimamo.features.extract import feature_rows, load_network
    from mimamo.storage.frame_cache import feature_dtype

    crops = Crops("bench", folder / str(frames), write_crops(folder / str(frames), frames), CropNaming())
    spatial = spatial_of("auto", size=32, batch_size=32)
    network, _ = load_network(spatial)
    write_cache(crops, folder, feature_dtype(2048), feature_rows(network, crops, spatial))


def prediction(frames: int, filters: Path, folder: Path) -> None:
    """Predict a name with a small network."""
    from mimamo.bench.generated import write_caches
    from mimamo.bench.training import small_network
    from mimamo.dataset.recordings import Recording
    from mimamo.model.inference import predict_recording

    recording = Recording("bench", write_caches(folder, f"memory{frames}", frames))
    predict_recording(small_network(), recording, window=64, hop=32)


def training(frames: int, filters: Path, folder: Path) -> None:
    """Take some steps of a small network's training, which read from all over the video."""
    from mimamo.bench.training import generated_fold, published_batches, small_sizes, take_steps

    data = generated_fold(folder, f"memory{frames}", frames)
    take_steps(data, small_sizes(), published_batches("auto"), steps=20)


STAGES: dict[str, Callable[[int, Path, Path], None]] = {
    "phase differences": phase,
    "features": features,
    "prediction": prediction,
    "training": training,
}


if __name__ == "__main__":
    chosen, count, file, place = sys.argv[1:]
    STAGES[chosen](int(count), Path(file), Path(place))
    print(peak_memory() / 2**20)
