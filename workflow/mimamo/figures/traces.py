"""Truth and prediction over time, for the best, the median and the worst video."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from os import PathLike

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.collections import PolyCollection
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Patch

from mimamo import DIMENSIONS
from mimamo.audit.tables import read_audit
from mimamo.dataset.label_range import HIGHEST, LOWEST
from mimamo.dataset.labels import read_labels
from mimamo.evaluation.scores import read_scored, score_row
from mimamo.evidence.demo_scores import with_truth
from mimamo.figures.drawing import Drawing, sentence_alone
from mimamo.figures.style import DIMENSION_COLOURS, GREY, INK
from mimamo.postprocessing.gaps import MISSING
from mimamo.storage.files import read_csv

#: How far a panel goes on beyond the labels' range, where a bar marks the clipped frames.
EDGE = 0.12
#: A video may have thousands of gaps, more than anybody can tell apart in print.
MOST_SHAPES = 300
#: How frames are shaded that lack something; the hatched ones still show what lies below them.
SHADES = {
    "no crop, no prediction": {"facecolor": "#D5D5D5"},
    "no annotation": {"facecolor": "none", "edgecolor": "#B8B8B8", "hatch": "////"},
    "no crop, -5 submitted": {"facecolor": "#F2C9B4"},
    "no crop, filled": {"facecolor": "#D5D5D5"},
}


@dataclass
class Trace:
    """Truth and prediction of one video over time, as they are drawn.

    Attributes
    ----------
    title
        Title of its panels.
    truth, prediction
        By dimension, shape (length,); NaN where there is none.
    ccc
        By dimension.
    shaded
        By the kind of shading, a key of `SHADES`: mask of the frames that have it, shape (length,).
    """

    title: str
    truth: dict[str, np.ndarray]
    prediction: dict[str, np.ndarray]
    ccc: dict[str, float]
    shaded: dict[str, np.ndarray] = field(default_factory=dict)

    @property
    def cropped(self) -> np.ndarray:
        """The numbers of the frames with a crop, ascending."""
        without = [mask for kind, mask in self.shaded.items() if kind.startswith("no crop")]
        return np.flatnonzero(~np.any(without, axis=0)) + 1

    def clipped(self, dimension: str) -> np.ndarray:
        """Return where a prediction lies at the border of the labels' range, to which it is clipped."""
        values = self.prediction[dimension]
        return (values <= LOWEST) | (values >= HIGHEST)


def draw_traces(
    scores: str | PathLike,
    predictions: Sequence[str | PathLike],
    labels: str | PathLike,
    audit: str | PathLike,
    out: str | PathLike,
    caption: str = "",
) -> None:
    """Draw truth and out-of-fold prediction of three videos.

    Parameters
    ----------
    scores
        scores.csv; the videos are chosen by their mean CCC.
    predictions
        CSV of every fold: name, role, frame, valence, arousal.
    labels
        Folder of labels, one CSV a name.
    audit
        audit.csv, for the length of the videos.
    out
        PNG to write, and beside it the files of `mimamo.figures.files`.
    caption
        What the caption says whatever the data are.
    """
    trace_panels(out_of_fold_traces(scores, predictions, labels, audit), "prediction").write(out, caption)


def out_of_fold_traces(
    scores: str | PathLike,
    predictions: Sequence[str | PathLike],
    labels: str | PathLike,
    audit: str | PathLike,
) -> list[Trace]:
    """Gather truth and out-of-fold prediction of the best, the median and the worst video.

    Parameters
    ----------
    scores, predictions, labels, audit
        As for `draw_traces`.

    Returns
    -------
    list of Trace
        In this order; fewer where there are not three videos with a score.
    """
    videos = read_videos(scores)
    titles = {name: f"{rank}: {name}" for name, rank in pick_three(videos["ccc_mean"]).items()}
    return list(scored_traces(videos, titles, predictions, labels, read_audit(audit)))


def read_videos(scores: str | PathLike) -> pd.DataFrame:
    """Read the scores of every video from scores.csv, by name."""
    table = read_csv(scores)
    return table[table["scope"] == "video"].set_index("id")


def scored_traces(
    videos: pd.DataFrame,
    titles: Mapping[str, str],
    predictions: Sequence[str | PathLike],
    labels: str | PathLike,
    audit: pd.DataFrame,
) -> Iterator[Trace]:
    """Yield truth and out-of-fold prediction of some videos.

    Parameters
    ----------
    videos
        As `read_videos` returns them.
    titles
        The titles of the traces by the names of their videos, in the order wanted.
    predictions, labels
        As for `draw_traces`.
    audit
        The table of audit.csv, for the length of the videos.
    """
    tables = read_labels(labels), read_scored(predictions)
    labelled, predicted = (dict(list(rows[rows["name"].isin(titles)].groupby("name"))) for rows in tables)
    lengths = audit.set_index("name")["length"].fillna(0)
    for name, title in titles.items():
        ccc = {dimension: videos.loc[name, f"ccc_{dimension}"] for dimension in DIMENSIONS}
        yield out_of_fold_trace(title, labelled[name], predicted[name], int(lengths.get(name, 0)), ccc)


def draw_test_traces(
    filled: str | PathLike, truth: str | PathLike, out: str | PathLike, caption: str = ""
) -> None:
    """Draw the submission against the truth, where it is known: for three test videos of the demo corpus.

    Parameters
    ----------
    filled
        filled.csv: name, frame, valence, arousal, source.
    truth
        Folder of the truth, one CSV a name.
    out
        PNG to write, and beside it the files of `mimamo.figures.files`.
    caption
        What the caption says whatever the data are.
    """
    trace_panels(submission_traces(filled, truth), "submission").write(out, caption)


def submission_traces(filled: str | PathLike, truth: str | PathLike) -> list[Trace]:
    """Gather truth and submission of the test names with the best, the median and the worst score.

    Parameters
    ----------
    filled, truth
        As for `draw_test_traces`.

    Returns
    -------
    list of Trace
        As `out_of_fold_traces` does.
    """
    table = with_truth(read_csv(filled), truth)
    submitted = table[table["valence"] != MISSING]
    # A video with a single crop is one value throughout, and says nothing about the models.
    crops = table[table["source"] == "predicted"].groupby("name").size()
    scored = [
        score_row("video", str(name), part)
        for name, part in submitted.groupby("name")
        if crops.get(name, 0) > 1
    ]
    scores = pd.DataFrame(
        scored, columns=["id", "ccc_mean", *(f"ccc_{name}" for name in DIMENSIONS)]
    ).set_index("id")
    traces = []
    for name, rank in pick_three(scores["ccc_mean"]).items():
        ccc = {dimension: scores.loc[name, f"ccc_{dimension}"] for dimension in DIMENSIONS}
        traces.append(test_trace(f"{rank}: {name}", table[table["name"] == name], ccc))
    return traces


def pick_three(scores: pd.Series) -> dict[str, str]:
    """Choose the videos with the best, the median and the worst score.

    Parameters
    ----------
    scores
        A score for every name; NaN for those without one.

    Returns
    -------
    dict
        best, median or worst by name, in this order; fewer where there are not three.
    """
    ranked = scores.dropna().sort_values(ascending=False, kind="stable").index.tolist()
    if not ranked:
        return {}
    positions = {"best": 0, "worst": len(ranked) - 1, "median": len(ranked) // 2}
    chosen: dict[str, str] = {}
    for rank, position in positions.items():
        chosen.setdefault(ranked[position], rank)
    return {name: chosen[name] for name in ranked if name in chosen}


def out_of_fold_trace(
    title: str, labelled: pd.DataFrame, predicted: pd.DataFrame, length: int, ccc: dict[str, float]
) -> Trace:
    """Build the trace of a video from its rows of the labels and of the scored predictions."""
    length = max(length, labelled["frame"].max(), predicted["frame"].max())
    truth, prediction = (
        {dimension: _dense(rows, dimension, length) for dimension in DIMENSIONS}
        for rows in (labelled, predicted)
    )
    no_crop = np.isnan(prediction[DIMENSIONS[0]])
    no_label = np.isnan(truth[DIMENSIONS[0]]) & ~no_crop
    return Trace(
        title, truth, prediction, ccc, {"no crop, no prediction": no_crop, "no annotation": no_label}
    )


def test_trace(title: str, rows: pd.DataFrame, ccc: dict[str, float]) -> Trace:
    """Build the trace of a test name from its rows of filled.csv, with the truth as ``true_<dimension>``."""
    rows = rows.sort_values("frame")
    missing = (rows["valence"] == MISSING).to_numpy()
    filled = (rows["source"] != "predicted").to_numpy() & ~missing
    truth = {dimension: rows[f"true_{dimension}"].to_numpy() for dimension in DIMENSIONS}
    values = {dimension: np.where(missing, np.nan, rows[dimension]) for dimension in DIMENSIONS}
    return Trace(title, truth, values, ccc, {"no crop, -5 submitted": missing, "no crop, filled": filled})


def _dense(rows: pd.DataFrame, column: str, length: int) -> np.ndarray:
    """Spread values over all frames of a video; NaN where there is none, which breaks the line."""
    values = np.full(length, np.nan)
    values[rows["frame"].to_numpy() - 1] = rows[column]
    return values


def trace_panels(traces: Sequence[Trace], label: str) -> Drawing:
    """Return the drawing of traces, or of the sentence that there is none; `label` names the predictions."""
    if not traces:
        return sentence_alone("No video has a score.")
    kinds = [
        kind for kind in SHADES if any(trace.shaded[kind].any() for trace in traces if kind in trace.shaded)
    ]
    handles = _legend_handles(label, kinds, clips=any(counts.any() for counts in _clipped_frames(traces)))

    heights = {
        "page": 0.45 + 1.05 * len(traces),
        "column": 0.3 + 1.45 * len(traces) + 0.14 * -(-len(handles) // 2),
    }
    return Drawing(partial(_draw_traces, traces, handles), heights, _clipping_facts(traces))


def _draw_traces(traces: Sequence[Trace], handles: list, sheet: Figure, width: str) -> None:
    """Draw all panels: the dimensions beside each other on a page, and below each other in a column."""
    across = len(DIMENSIONS) if width == "page" else 1
    shape = (len(traces) * len(DIMENSIONS) // across, across)
    panels = sheet.subplots(*shape, squeeze=False, sharey=True)
    pairs = [(trace, dimension) for trace in traces for dimension in DIMENSIONS]
    for panel, (trace, dimension) in zip(panels.flat, pairs, strict=True):
        _draw_panel(panel, trace, dimension)
        # Above each other both have the same frames.
        panel.tick_params(labelbottom=across > 1 or dimension == DIMENSIONS[-1])
    for panel in panels[-1]:
        panel.set_xlabel("frame")
    panels[0, 0].set_ylim(LOWEST - EDGE, HIGHEST + EDGE)
    sheet.legend(handles=handles, loc="outside lower center", ncols=6 if width == "page" else 2)


def _clipped_frames(traces: Sequence[Trace]) -> list[np.ndarray]:
    """Count the clipped frames of every trace, in the order of the dimensions."""
    return [np.array([trace.clipped(dimension).sum() for dimension in DIMENSIONS]) for trace in traces]


def _clipping_facts(traces: Sequence[Trace]) -> str:
    """Say how many frames of each trace are clipped."""
    sentences = []
    for trace, counts in zip(traces, _clipped_frames(traces), strict=True):
        parts = [f"{count:,} of {dimension}" for count, dimension in zip(counts, DIMENSIONS, strict=True)]
        frames = np.isfinite(trace.prediction[DIMENSIONS[0]]).sum()
        sentences.append(f"{trace.title}: {' and '.join(parts)}, of {frames:,}")
    return f"Clipped frames: {'; '.join(sentences)}."


def _draw_panel(panel: Axes, trace: Trace, dimension: str) -> None:
    """Draw truth, prediction, shading and marks of one dimension of a trace."""
    colour, values = DIMENSION_COLOURS[dimension], trace.prediction[dimension]
    for kind, mask in trace.shaded.items():
        _shade(panel, mask, **SHADES[kind])
    panel.axhline(0, color=GREY, lw=0.6, zorder=1)
    frames = np.arange(1, len(values) + 1)
    panel.plot(frames, trace.truth[dimension], color=INK, lw=0.7)
    panel.plot(frames, values, color=colour)
    # Beyond the border, so that they hide nothing, and above the grid.
    _shade(panel, values >= HIGHEST, HIGHEST + EDGE / 3, HIGHEST + EDGE, facecolor=colour, zorder=3)
    _shade(panel, values <= LOWEST, LOWEST - EDGE, LOWEST - EDGE / 3, facecolor=colour, zorder=3)
    panel.set(xlim=(0.5, len(frames) + 0.5), ylabel=dimension)
    panel.set_yticks([-1, 0, 1])
    panel.set_yticks([-0.5, 0.5], minor=True)
    panel.tick_params(labelleft=True)
    panel.set_title(f"{trace.title}, CCC {_format_ccc(trace.ccc[dimension])}")


def _shade(
    panel: Axes, mask: np.ndarray, low: float = LOWEST - EDGE, high: float = HIGHEST + EDGE, **style: object
) -> None:
    """Fill the runs of true values between two heights, as one object; as an image where they are many."""
    spans = runs(mask) + 0.5
    corners = np.stack([spans[:, [0, 0, 1, 1]], np.tile([low, high, high, low], (len(spans), 1))], axis=-1)
    # Not moved to whole dots: gaps narrower than one would come and go.
    style = {"linewidth": 0, "zorder": 0.5, "snap": False, "rasterized": len(spans) > MOST_SHAPES} | style
    panel.add_collection(PolyCollection(corners, **style), autolim=False)


def _format_ccc(value: float) -> str:
    """Format a CCC, which may be undefined."""
    return "undefined" if np.isnan(value) else f"{value:.2f}"


def runs(mask: np.ndarray) -> np.ndarray:
    """Find every run of true values.

    Parameters
    ----------
    mask
        Shape (length,).

    Returns
    -------
    numpy.ndarray
        Its first position and the position after its last, shape (runs, 2).
    """
    edges = np.flatnonzero(np.diff(np.concatenate([[False], mask, [False]]).astype(np.int8)))
    return edges.reshape(-1, 2)


def _legend_handles(label: str, kinds: list[str], clips: bool) -> list[Line2D | Patch]:
    """Return the handles of the legend: truth, predictions of each dimension, clipping, kinds of shading."""
    lines = [Line2D([], [], color=INK, lw=0.7, label="truth")]
    for dimension in DIMENSIONS:
        lines.append(Line2D([], [], color=DIMENSION_COLOURS[dimension], label=f"{label} ({dimension})"))
    if clips:
        lines.append(Line2D([], [], color=GREY, lw=3, solid_capstyle="butt", label="clipped"))
    return [*lines, *(Patch(lw=0, label=kind, **SHADES[kind]) for kind in kinds)]
