"""Every figure as a file."""

import struct

import numpy as np
import pandas as pd
import pytest
from PIL import Image

from mimamo.figures import style
from mimamo.figures.curves import draw_fold_curves
from mimamo.figures.density import draw_density
from mimamo.figures.intervals import draw_scores
from mimamo.figures.strip import draw_phase_strip
from mimamo.figures.traces import draw_test_traces, draw_traces
from mimamo.storage.files import write_csv
from support.figures import DATA, FOLDS, fold_files

TAG = "rendered demo corpus: says nothing about Aff-Wild2"
DRAWN = {
    "fold_curves": lambda root, out: draw_fold_curves(
        [root / f"history{fold}.csv" for fold in range(FOLDS)], out, TAG
    ),
    "traces": lambda root, out: draw_traces(
        root / "scores.csv", fold_files(root), root / "labels", root / "audit.csv", out, TAG
    ),
    "scores": lambda root, out: draw_scores(root / "scores.csv", out, TAG),
    "density": lambda root, out: draw_density(
        fold_files(root), root / "labels", root / "folds.csv", out, TAG
    ),
    "phase_strip": lambda root, out: draw_phase_strip(
        root / "scores.csv", [root / "phase" / "001"], DATA, root, out, TAG
    ),
    "test_traces": lambda root, out: draw_test_traces(root / "filled.csv", root / "truth", out, TAG),
}


def chunks(raw):
    """The chunks of a PNG, by kind."""
    assert raw[:8] == b"\x89PNG\r\n\x1a\n"
    position, found = 8, {}
    while position < len(raw):
        (size,) = struct.unpack(">I", raw[position : position + 4])
        found.setdefault(raw[position + 4 : position + 8], raw[position + 8 : position + 8 + size])
        position += size + 12
    return found


@pytest.mark.parametrize("name", DRAWN)
def test_figure_is_a_picture_with_the_same_bytes_every_time(stage, tmp_path, name, monkeypatch):
    monkeypatch.setattr(style, "RESOLUTION", 75)
    first, second = tmp_path / f"{name}.png", tmp_path / "again.png"
    DRAWN[name](stage, first)
    DRAWN[name](stage, second)
    assert first.read_bytes() == second.read_bytes()
    found = chunks(first.read_bytes())
    assert set(found) == {b"IHDR", b"pHYs", b"IDAT", b"IEND"}, "no text, no date, no program"
    image = np.asarray(Image.open(first).convert("RGB"))
    assert min(image.shape[:2]) > 250 and len(np.unique(image.reshape(-1, 3), axis=0)) > 50


def test_figures_of_nothing_are_still_written(stage, tmp_path):
    scores = pd.read_csv(stage / "scores.csv", dtype={"id": str})
    write_csv(scores[scores["scope"] != "video"], tmp_path / "scores.csv")
    draw_phase_strip(tmp_path / "scores.csv", [], DATA, stage, tmp_path / "strip.png")
    draw_traces(
        tmp_path / "scores.csv",
        fold_files(stage),
        stage / "labels",
        stage / "audit.csv",
        tmp_path / "traces.png",
    )
    assert (tmp_path / "strip.png").stat().st_size and (tmp_path / "traces.png").stat().st_size
