"""Benchmark of videos: from the file to crops and to the table, beside the video's own pace and py-feat.

Memory is measured in a process of its own: ``python -m mimamo.bench.videos VIDEO FOLDER`` cuts the crops of a
video and prints by how many MiB the process grew since its libraries and the detector were loaded.
"""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path

import numpy as np

from mimamo.bench.process import peak_memory
from mimamo.bench.rows import Row
from mimamo.corpus.opencv import cv2

STAGE = "videos"

#: Frames per second of the videos, and frames of those that are timed.
RATE, FRAMES = 30, 150
#: Frames of the short and of the long video whose memory is measured, and their size.
SHORT, LONG, SMALL = 500, 20_000, (320, 180)
#: Sizes that are timed: what users record, and 4K.
USUAL, LARGE = (640, 360), (3840, 2160)


def measure(filters: Path, folder: Path) -> Iterator[Row]:
    """Measure crops and tables."""
    from mimamo.cropping.crop import CropSettings, crop_video

    folder.mkdir(parents=True, exist_ok=True)
    threads = _threads()
    for size, frames, target in ((USUAL, FRAMES, ""), (LARGE, 45, ">= 15")):
        video = write_video(folder / f"{size[1]}.mp4", size, frames)
        start = time.perf_counter()
        crop_video(video, folder / f"crops{size[1]}", CropSettings(threads=threads))
        rate = frames / (time.perf_counter() - start)
        yield Row(
            STAGE, f"{size[0]} by {size[1]} to crops, {threads} threads", rate, "frames/s", "", target, rate
        )
    rate = _table_rate(folder / f"{USUAL[1]}.mp4", folder, filters, threads)
    what = f"{USUAL[0]} by {USUAL[1]} from file to table at 112, {threads} threads"
    yield Row(STAGE, what, rate / RATE, "×", f"real time ({RATE} frames/s)", ">= 1", rate)
    peer = pyfeat_rate(folder / f"{USUAL[1]}.mp4")
    if peer is not None:
        yield Row(STAGE, what, rate / peer, "×", "py-feat, which finds action units", rate=rate)
    grown = {frames: _growth(frames, folder) for frames in (SHORT, LONG)}
    for frames, growth in grown.items():
        yield Row(STAGE, f"memory for crops of {frames} frames", growth, "MiB", target="<= 100")


def _threads() -> int:
    """Return how many threads the benchmark may use: what it was limited to."""
    return int(os.environ.get("OMP_NUM_THREADS", "1"))


def write_video(path: Path, size: tuple[int, int], frames: int) -> Path:
    """Write a video of a rendered face in the middle of the picture, which moves and smiles."""
    import av

    from mimamo.bench.generated import PICTURES, face_pictures

    side = size[1] // 2
    faces = [cv2.resize(face, (side, side), interpolation=cv2.INTER_CUBIC) for face in face_pictures()]
    background = np.linspace(60, 160, size[0], dtype=np.uint8)[None, :, None]
    picture = np.broadcast_to(background, (size[1], size[0], 3)).copy()
    top, left = (size[1] - side) // 2, (size[0] - side) // 2
    with av.open(str(path), "w") as container:
        options = {"preset": "ultrafast", "crf": "23"}
        stream = container.add_stream("libx264", rate=Fraction(RATE), options=options)
        stream.width, stream.height, stream.pix_fmt = *size, "yuv420p"
        for number in range(frames):
            picture[top : top + side, left : left + side] = faces[number % PICTURES]
            container.mux(stream.encode(av.VideoFrame.from_ndarray(picture, format="bgr24")))
        container.mux(stream.encode(None))
    return path


def _table_rate(video: Path, folder: Path, filters: Path, threads: int) -> float:
    """Return the frames per second from a video to its table, with a small network on ResNet-50 at 112."""
    from mimamo.bench.features import spatial_of
    from mimamo.bench.training import small_sizes
    from mimamo.cropping.crop import CropSettings
    from mimamo.features.extract import load_network
    from mimamo.model.checkpoint import save_checkpoint
    from mimamo.model.network import MimamoNet
    from mimamo.own_video.predict import VideoSettings, predict_videos

    sizes, spatial = small_sizes(), spatial_of("auto", size=112, batch_size=32)
    training = {"window": 64, "hop": 32, "precision": "auto"}
    save_checkpoint(
        folder / "model.pt",
        MimamoNet(sizes).state_dict(),
        sizes,
        training=training,
        spatial=spatial,
        features={"appearance": load_network(spatial)[1]},
        origin={"code": ""},
        fold=0,
        epoch=1,
    )
    start = time.perf_counter()
    settings = VideoSettings(CropSettings(threads=threads))
    predict_videos([video], [folder / "model.pt"], folder / "table.csv", settings)
    return FRAMES / (time.perf_counter() - start)


def pyfeat_rate(video: Path) -> float | None:
    """Return the frames per second of py-feat; None where it is not installed or cannot run.

    It is no requirement. Its dependencies (torch, torchcodec, timm, xgboost and others) could not be
    installed into an environment of its own within five minutes on a busy machine, and its weights would have
    to be fetched after that, so no row of it has been measured.
    """
    try:
        from feat import Detector

        detector = Detector()
        start = time.perf_counter()
        detector.detect_video(str(video))
    # Its networks are fetched when it is first used, and it breaks with every other version of a dependency.
    except Exception:
        return None
    return FRAMES / (time.perf_counter() - start)


def _growth(frames: int, folder: Path) -> float:
    """Return the MiB by which a process grows that cuts the crops of so many frames."""
    # Written here: the encoder would take more than what is to be measured.
    video = write_video(folder / f"memory{frames}.mp4", SMALL, frames)
    command = [sys.executable, "-m", "mimamo.bench.videos", str(video), str(folder / f"crops{frames}")]
    process = subprocess.run(command, capture_output=True, text=True, check=False)
    if process.returncode:
        raise RuntimeError(f"measuring the memory of crops failed: {process.stderr.strip()[-2000:]}")
    return float(process.stdout.split()[-1])


def _grow(video: Path, out: Path) -> float:
    """Cut the crops of a video, and return by how many MiB the process grew."""
    import av  # noqa: F401

    from mimamo.cropping.crop import CropSettings, crop_video
    from mimamo.cropping.detection import load_detector

    load_detector()(np.zeros((SMALL[1], SMALL[0], 3), np.uint8))
    before = peak_memory()
    crop_video(video, out, CropSettings())
    return (peak_memory() - before) / 2**20


if __name__ == "__main__":
    print(_grow(Path(sys.argv[1]), Path(sys.argv[2])))
