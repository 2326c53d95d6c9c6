"""Every video's truth and prediction, as data that the page's script draws when a reader asks for it.

The data of a small corpus are in the page. Those of a large one are in files beside it, but for the videos
that the page shows from the start. Such a file is a script: a page on disk may load no other kind.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from os import PathLike
from pathlib import Path

import numpy as np
import pandas as pd

from mimamo import DIMENSIONS
from mimamo.evaluation.scores import score_row
from mimamo.evidence.demo_scores import with_truth
from mimamo.figures.traces import Trace, pick_three, read_videos, runs, scored_traces, test_trace
from mimamo.html.formats import count, is_missing, number
from mimamo.page.stream_weights import StreamWeights
from mimamo.page.tiles import Tiles
from mimamo.postprocessing.gaps import MISSING
from mimamo.storage.files import atomic_write, read_csv

OUT_OF_FOLD, TEST = "out of fold", "test name"
#: Steps between 0 and 1 of the values, which are stored in 16 bits, and what is stored where there is none.
STEPS, NONE = 10_000, -32_768
#: Most bytes of data that the page itself holds.
MOST_IN_PAGE = 2_500_000


@dataclass(frozen=True)
class Video:
    """A video as the page shows it.

    Attributes
    ----------
    name
        Its name.
    kind
        `OUT_OF_FOLD` or `TEST`.
    trace
        Truth and prediction over its frames.
    rate
        Frames in a second; None where no container says it.
    rank
        ``best``, ``median`` or ``worst`` by mean CCC out of fold, for one video each.
    """

    name: str
    kind: str
    trace: Trace
    rate: float | None
    rank: str = ""

    @property
    def label(self) -> str:
        """Return how the video is called where a reader chooses one."""
        scores = [self.trace.ccc[dimension] for dimension in DIMENSIONS]
        said = [] if all(map(is_missing, scores)) else [f"CCC {' / '.join(number(x, 2) for x in scores)}"]
        frames = len(self.trace.prediction[DIMENSIONS[0]])
        if without := frames - len(self.trace.cropped):
            said.append(f"{count(without)} of {count(frames)} frames without a crop")
        return f"{self.name}: {', '.join(said)}" if said else self.name


def videos_out_of_fold(
    scores: str | PathLike,
    predictions: Sequence[str | PathLike],
    labels: str | PathLike,
    audit: pd.DataFrame,
) -> Iterator[Video]:
    """Gather all videos that were predicted out of fold, sorted by name.

    Parameters
    ----------
    scores, predictions, labels
        As for `mimamo.figures.traces.draw_traces`.
    audit
        The table of audit.csv.
    """
    of_videos = read_videos(scores).sort_index()
    ranks, rates = pick_three(of_videos["ccc_mean"]), _rates(audit)
    names = list(of_videos.index)
    traces = scored_traces(of_videos, dict(zip(names, names, strict=True)), predictions, labels, audit)
    for name, trace in zip(names, traces, strict=True):
        yield Video(name, OUT_OF_FOLD, trace, rates.get(name), ranks.get(name, ""))


def submitted_videos(
    filled: str | PathLike, truth: str | PathLike | None, audit: pd.DataFrame
) -> Iterator[Video]:
    """Gather all test names, sorted by name, also those that are nearly all filled.

    Parameters
    ----------
    filled
        filled.csv, the values of the submission.
    truth
        The folder of the truth; None where it is not known.
    audit
        The table of audit.csv.
    """
    table = read_csv(filled)
    if truth is None:
        table[[f"true_{dimension}" for dimension in DIMENSIONS]] = np.nan
    else:
        table = with_truth(table, truth)
    rates = _rates(audit)
    for name, rows in table.groupby("name"):
        scored = score_row("video", name, rows[rows[DIMENSIONS[0]] != MISSING]) if truth is not None else {}
        ccc = {dimension: scored.get(f"ccc_{dimension}", np.nan) for dimension in DIMENSIONS}
        yield Video(name, TEST, test_trace(name, rows, ccc), rates.get(name))


def _rates(audit: pd.DataFrame) -> dict[str, float]:
    """Return the frames a second of every name where they are known."""
    return audit.set_index("name")["container_rate"].dropna().to_dict()


def encode(video: Video, tiles: Tiles | None, weights: StreamWeights | None = None) -> dict[str, object]:
    """Return the data of a video as the script takes them.

    Parameters
    ----------
    video
        The video.
    tiles
        Its crops, where they may be shown and there are any.
    weights
        The weights of the streams in all videos, where they are fused by attention.

    Returns
    -------
    dict
        name, kind, label, rank, frames, rate; truth and prediction by dimension, as 16-bit numbers in base64,
        see `STEPS`; shades: first and last frame of every run by kind; tiles; and, where streams are fused by
        attention, weights by stream, as truth and prediction are.
    """
    trace = video.trace
    frames = len(trace.prediction[DIMENSIONS[0]])
    found = weights.over_time(video.name, video.kind == TEST, frames) if weights is not None else None
    return {
        "name": video.name,
        "kind": video.kind,
        "label": video.label,
        "rank": video.rank,
        "frames": frames,
        "rate": video.rate,
        "truth": _encode_values(trace.truth),
        "prediction": _encode_values(trace.prediction),
        "shades": {kind: (runs(mask) + np.array([1, 0])).tolist() for kind, mask in trace.shaded.items()},
        "tiles": tiles.data() if tiles else None,
        **({} if found is None else {"weights": _encode_values(found)}),
    }


def _encode_values(values: Mapping[str, np.ndarray]) -> dict[str, str] | None:
    """Encode values over time by what they are of; None where there are none at all."""
    if all(np.isnan(column).all() for column in values.values()):
        return None
    encoded = {}
    for dimension, column in values.items():
        steps = np.where(np.isnan(column), NONE, np.round(np.nan_to_num(column) * STEPS)).astype("<i2")
        encoded[dimension] = base64.b64encode(steps.tobytes()).decode("ascii")
    return encoded


@dataclass(frozen=True)
class Stored:
    """Where the data of the videos are.

    Attributes
    ----------
    index
        For every video name, kind, label, rank and ``file``: the path of its data beside the page, or empty.
    inside
        The data that the page holds, by name.
    """

    index: list[dict[str, str]]
    inside: dict[str, dict]


def store(videos: Iterable[dict[str, object]], folder: str | PathLike, most: int) -> Stored:
    """Decide which videos the page holds, and write the data of the others.

    Parameters
    ----------
    videos
        From `encode`.
    folder
        The folder of the files, beside the page; it is there afterwards, with these files alone.
    most
        Bytes of data that the page may hold; where all take more, it holds those with a rank.
    """
    folder = Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    inside, index, size = {}, [], 0
    for place, video in enumerate(videos, start=1):
        text, path = json.dumps(video), folder / f"{place:04d}.js"
        size += len(text)
        entry = {key: video[key] for key in ("name", "kind", "label", "rank")}
        index.append(entry | {"file": f"{folder.name}/{path.name}"})
        # Whether all fit into the page is known at the end; memory would not hold them all.
        with atomic_write(path) as fresh:
            fresh.write_text(f"showVideo({text});\n", encoding="utf-8")
        if video["rank"] or size <= most:
            inside[video["name"]] = video
        else:
            inside = {name: kept for name, kept in inside.items() if kept["rank"]}
    index = [entry | {"file": ""} if entry["name"] in inside else entry for entry in index]
    kept = {entry["file"] for entry in index}
    for path in folder.glob("*.js"):
        if f"{folder.name}/{path.name}" not in kept:
            path.unlink()
    return Stored(index, inside)
