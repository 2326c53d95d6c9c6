"""Every figure as files: for the screen, for a paper, and its caption."""

import re
import struct
from itertools import combinations
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from matplotlib.text import Text
from PIL import Image

from mimamo.evaluation.scores import out_of_fold
from mimamo.figures import drawing
from mimamo.figures.curves import draw_fold_curves, fold_curves
from mimamo.figures.density import density_planes, draw_density
from mimamo.figures.files import WIDTHS, files_beside, vector_file
from mimamo.figures.intervals import draw_scores, score_panels
from mimamo.figures.strip import draw_phase_strip
from mimamo.figures.style import SMALLEST
from mimamo.figures.traces import (
    draw_test_traces,
    draw_traces,
    out_of_fold_traces,
    submission_traces,
    trace_panels,
)
from mimamo.storage.files import read_csv, write_csv
from support.figures import DATA, FOLDS, fold_files, strip_drawing

DRAWN = {
    "fold_curves": lambda root, *out: draw_fold_curves(
        [root / f"history{fold}.csv" for fold in range(FOLDS)], *out
    ),
    "traces": lambda root, *out: draw_traces(
        root / "scores.csv", fold_files(root), root / "labels", root / "audit.csv", *out
    ),
    "scores": lambda root, *out: draw_scores(root / "scores.csv", *out),
    "density": lambda root, *out: draw_density(fold_files(root), root / "labels", root / "folds.csv", *out),
    "phase_strip": lambda root, *out: draw_phase_strip(
        root / "scores.csv", [root / "phase" / "001"], DATA, root, *out
    ),
    "test_traces": lambda root, *out: draw_test_traces(root / "filled.csv", root / "truth", *out),
}
#: The same before they are written.
DRAWINGS = {
    "fold_curves": lambda root: fold_curves([read_csv(root / f"history{fold}.csv") for fold in range(FOLDS)]),
    "traces": lambda root: trace_panels(
        out_of_fold_traces(root / "scores.csv", fold_files(root), root / "labels", root / "audit.csv"),
        "prediction",
    ),
    "scores": lambda root: score_panels(read_csv(root / "scores.csv")),
    "density": lambda root: density_planes(
        out_of_fold(fold_files(root), root / "labels", root / "folds.csv")
    ),
    "phase_strip": strip_drawing,
    "test_traces": lambda root: trace_panels(
        submission_traces(root / "filled.csv", root / "truth"), "submission"
    ),
}


@pytest.fixture(scope="module", params=DRAWN)
def written(request, stage, tmp_path_factory):
    """The PNG of each figure in a folder with all its other files, and the same made once more."""
    folders = [tmp_path_factory.mktemp(request.param) for _ in range(2)]
    with pytest.MonkeyPatch.context() as patch:
        # Fewer dots, as time goes into them.
        patch.setattr(drawing, "SCREEN", 75)
        patch.setattr(drawing, "PRINT", 75)
        for folder in folders:
            DRAWN[request.param](stage, folder / f"{request.param}.png", "What it shows.")
    return [folder / f"{request.param}.png" for folder in folders]


def chunks(raw):
    """The chunks of a PNG, by kind."""
    assert raw[:8] == b"\x89PNG\r\n\x1a\n"
    position, found = 8, {}
    while position < len(raw):
        (size,) = struct.unpack(">I", raw[position : position + 4])
        found.setdefault(raw[position + 4 : position + 8], raw[position + 8 : position + 8 + size])
        position += size + 12
    return found


def test_the_same_inputs_give_the_same_bytes_in_every_file(written):
    first, second = (
        {path.relative_to(picture.parent): path.read_bytes() for path in picture.parent.rglob("*.*")}
        for picture in written
    )
    assert first == second
    promised = {Path(path).relative_to(written[0].parent) for path in files_beside(written[0])}
    assert set(first) == promised | {Path(written[0].name)}


def test_picture_holds_nothing_but_the_figure(written):
    found = chunks(written[0].read_bytes())
    assert set(found) == {b"IHDR", b"pHYs", b"IDAT", b"IEND"}, "no text, no date, no program"
    image = np.asarray(Image.open(written[0]).convert("RGB"))
    assert min(image.shape[:2]) > 100 and len(np.unique(image.reshape(-1, 3), axis=0)) > 50


@pytest.mark.parametrize("width", WIDTHS)
def test_text_of_an_svg_is_text_of_a_readable_size_in_the_finished_figure(written, width):
    text = vector_file(written[0], width, "svg").read_text()
    # One unit of it is a point.
    points = WIDTHS[width] * 72
    assert re.search(rf'<svg [^>]*width="{points:g}pt"[^>]*viewBox="0 0 {points:g} ', text)
    assert "<metadata" not in text
    words = re.findall(r'<text[^>]*style="[^"]*?font-size: ([\d.]+)px', text)
    assert len(words) == text.count("<text") > 5
    assert min(map(float, words)) >= SMALLEST == 7
    # Nothing in it is scaled.
    assert not re.search(r"<text[^>]*scale", text)


@pytest.mark.parametrize("width", WIDTHS)
def test_pdf_has_its_fonts_in_it(written, width):
    raw = vector_file(written[0], width, "pdf").read_bytes()
    assert b"/FontFile2" in raw and b"/Type3" not in raw
    assert not re.search(rb"/CreationDate|/Producer|/Creator", raw)
    size = re.search(rb"/MediaBox \[ 0 0 ([\d.]+) ", raw)
    assert float(size[1]) == pytest.approx(WIDTHS[width] * 72)


def test_caption_is_beside_it(written):
    assert re.match(r"What it shows\.(.+\.)?\n", written[0].with_suffix(".txt").read_text())


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("name", DRAWINGS)
def test_no_text_is_cut_off_or_lies_upon_another(stage, name, width):
    sheet = DRAWINGS[name](stage).sheet(width)
    boxes = {
        text: text.get_window_extent()
        for text in sheet.findobj(Text)
        if text.get_visible() and text.get_text().strip()
    }
    for text in labels_beyond(sheet):
        boxes.pop(text, None)
    assert len(boxes) > 5
    across, up = sheet.bbox.size
    for text, box in boxes.items():
        assert text.get_fontsize() >= SMALLEST
        assert box.x0 > -1 and box.x1 < across + 1 and box.y0 > -1 and box.y1 < up + 1, text
    assert not [(one, other) for one, other in combinations(boxes, 2) if touching(boxes[one], boxes[other])]


def labels_beyond(sheet) -> set[Text]:
    """The labels of ticks beyond the ends of their axes, which are not drawn."""
    found = set()
    for axes in sheet.axes:
        for axis, ends in ((axes.xaxis, axes.get_xlim()), (axes.yaxis, axes.get_ylim())):
            for tick in axis.get_major_ticks() + axis.get_minor_ticks():
                if not min(ends) <= tick.get_loc() <= max(ends):
                    found |= {tick.label1, tick.label2}
    return found


def touching(one, other) -> bool:
    """Whether two boxes lie upon each other by more than a dot."""
    across = min(one.x1, other.x1) - max(one.x0, other.x0)
    up = min(one.y1, other.y1) - max(one.y0, other.y0)
    return across > 1 and up > 1


def test_figures_of_nothing_are_still_written(stage, tmp_path):
    scores = pd.read_csv(stage / "scores.csv", dtype={"id": str})
    write_csv(scores[scores["scope"] != "video"], tmp_path / "scores.csv")
    strip, traces = tmp_path / "strip.png", tmp_path / "traces.png"
    draw_phase_strip(tmp_path / "scores.csv", [], DATA, stage, strip)
    draw_traces(tmp_path / "scores.csv", fold_files(stage), stage / "labels", stage / "audit.csv", traces)
    draw_scores(tmp_path / "scores.csv", tmp_path / "scores.png")
    assert strip.with_suffix(".txt").read_text() == "No name has 8 successive crops.\n"
    assert traces.with_suffix(".txt").read_text() == "No video has a score.\n"
    for picture in (strip, traces):
        assert all(Path(path).stat().st_size for path in [picture, *files_beside(picture)])
