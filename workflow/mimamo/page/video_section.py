"""The page's section of traces: every video that was predicted, out of fold or as a test name."""

from __future__ import annotations

import json
from collections.abc import Iterator
from os import PathLike

from mimamo import DIMENSIONS
from mimamo.corpus.layout import Corpus
from mimamo.evaluation.bootstrap import read_groups
from mimamo.html.document import in_script
from mimamo.html.formats import number
from mimamo.page import charts, videos
from mimamo.page import descriptions as words
from mimamo.page.colours import DARK, OUT_OF_FOLD_SHADES, SHADES, fold_hex_colours
from mimamo.page.plots import Plot, Plots
from mimamo.page.sources import Sources
from mimamo.page.stream_weights import StreamWeights
from mimamo.page.tiles import find_tiles


def video_section(sources: Sources, corpus: Corpus | None, folder: str | PathLike, plots: Plots) -> dict:
    """Return the template's variables for the traces of all videos; write those that the page does not hold.

    Where faces are shown, `corpus` has the crops.
    """
    weights = StreamWeights.read(sources.stream_weights, sources.test_stream_weights)
    gathered = _predicted_videos(sources)
    shown: list[videos.Video] = []

    def data() -> Iterator[dict]:
        """Yield the data of each video, and keep those that the page shows from the start."""
        for video in gathered:
            if video.rank:
                shown.append(video)
            tiles = find_tiles(video.name, video.trace.cropped, corpus) if corpus else None
            yield videos.encode(video, tiles, weights)

    stored = videos.store(data(), folder, videos.MOST_IN_PAGE)
    plots["video"] = Plot(charts.video_chart(), "")
    if weights is not None:
        plots["weights"] = Plot(charts.stream_weights_chart(weights.streams), "")
    ranks = ("best", "median", "worst")
    shown.sort(key=lambda video: ranks.index(video.rank))
    headings = [
        {
            "rank": video.rank,
            "name": video.name,
            "ccc": {dimension: number(video.trace.ccc[dimension], 2) for dimension in DIMENSIONS},
            "text": words.describe_trace(video.name, video.trace.ccc),
        }
        for video in shown
    ]
    return {
        "traces": headings,
        "index": stored.index,
        "first": (shown[0].name if shown else stored.index[0]["name"]) if stored.index else "",
        "videos": in_script(json.dumps(stored.inside)),
        "shades": SHADES,
        "shades_out_of_fold": OUT_OF_FOLD_SHADES,
        "stream_weights": None if weights is None else _stream_weights(weights, sources.folds),
    }


def _stream_weights(weights: StreamWeights, folds: str | PathLike | None) -> dict:
    """Return the template's variables for the weights of streams."""
    colours = zip(weights.streams, fold_hex_colours(len(weights.streams)), strict=True)
    groups = {} if folds is None else read_groups(folds)
    return {
        "colours": {stream: (colour, DARK.get(colour, colour)) for stream, colour in colours},
        "rows": weights.rows(groups),
    }


def _predicted_videos(sources: Sources) -> Iterator[videos.Video]:
    """Yield all videos that were predicted: out of fold, then the test names."""
    if sources.scores is not None:
        yield from videos.videos_out_of_fold(
            sources.scores, sources.predictions, sources.labels, sources.audit_table
        )
    if sources.filled is not None:
        yield from videos.submitted_videos(sources.filled, sources.truth, sources.audit_table)
