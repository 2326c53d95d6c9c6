"""The page's plots, as Plotly figures without a width: the page gives them its own."""

from __future__ import annotations

import html
import textwrap
from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd
import plotly.graph_objects as go
from plotly.subplots import make_subplots

from mimamo import DIMENSIONS
from mimamo.dataset.label_range import HIGHEST, LOWEST
from mimamo.figures.curves import kept_epochs
from mimamo.figures.density import LINES, cell_centres, colour_scale, density, enclosing_level
from mimamo.page.colours import DENSITY, DIMENSION_COLOURS, GREY, INK, LIGHT, PAPER, SHADES, fold_hex_colours

FONT = "Inter, system-ui, -apple-system, 'Segoe UI', Roboto, 'Helvetica Neue', 'DejaVu Sans', sans-serif"
AXIS = {
    "gridcolor": LIGHT,
    "zerolinecolor": GREY,
    "zerolinewidth": 1,
    "linecolor": LIGHT,
    "tickfont": {"color": GREY, "size": 12},
    "title": {"font": {"color": GREY, "size": 12.5}, "standoff": 8},
    "automargin": True,
}
#: One for each dimension, so that they can be distinguished without colours.
SYMBOLS = dict(zip(DIMENSIONS, ("circle", "diamond"), strict=True))
#: Letters in a line beside a plot; more would leave a small screen no room for the plot.
LABEL_WIDTH = 30
#: How far the two dimensions of a row lie from its middle, in pixels.
OFFSET = 5
#: Rules that have a bar of their own in the plot of durations.
LONGEST = 8
TICKS = (-1, -0.5, 0, 0.5, 1)


def curve_chart(histories: Sequence[pd.DataFrame], column: str) -> go.Figure:
    """Draw one column of every fold's history over the epochs, and dots at the epochs that are kept.

    Parameters
    ----------
    histories
        Tables as ``history.csv``, in the order of the folds.
    column
        ``loss``, or a CCC on the stop names; that on the training names is drawn with it, dotted.
    """
    figure = go.Figure()
    training = column.replace("stop", "train")
    for fold, (table, colour) in enumerate(zip(histories, fold_hex_colours(len(histories)), strict=True)):
        hover = {"hovertemplate": f"fold {fold}, epoch %{{x}}: %{{y:.3f}}<extra></extra>"}
        styles = {training: {"width": 1.2, "dash": "dot"}, column: {"width": 2}}
        for name, style in styles.items():
            line = {"color": colour, **style}
            figure.add_scatter(x=table["epoch"], y=table[name], mode="lines", line=line, **hover)
        if kept := kept_epochs(table):
            marker = {"color": colour, "size": 9, "line": {"color": PAPER, "width": 1.5}}
            points = table.iloc[kept]
            figure.add_scatter(x=points["epoch"], y=points[column], mode="markers", marker=marker, **hover)
    _apply_style(figure, height=280, hovermode="closest")
    figure.update_xaxes(title_text="epoch", tickformat="d", nticks=7)
    if column != "loss":
        figure.update_yaxes(rangemode="tozero")
    return figure


def video_chart() -> go.Figure:
    """Draw the empty plot of a video, one dimension below the other, with a slider.

    The page's script puts a video's values into it. Each of its curves says in ``meta`` what it takes:
    ``kind``, which is truth, prediction or a key of `SHADES`, and ``dimension``.
    """
    figure = make_subplots(rows=len(DIMENSIONS), cols=1, shared_xaxes=True, vertical_spacing=0.06)
    reach = HIGHEST + 0.05
    for row, dimension in enumerate(DIMENSIONS, start=1):
        for kind, colour in SHADES.items():
            shade = {"mode": "none", "fill": "toself", "fillcolor": colour, "hoverinfo": "skip"}
            figure.add_scatter(**shade, meta={"kind": kind, "dimension": dimension}, row=row, col=1)
        lines = {
            "truth": {"color": INK, "width": 1.4},
            "prediction": {"color": DIMENSION_COLOURS[dimension], "width": 2},
        }
        for kind, line in lines.items():
            figure.add_scatter(
                mode="lines",
                line=line,
                connectgaps=False,
                hovertemplate=f"{kind} %{{y:.2f}}, %{{customdata}}<extra></extra>",
                meta={"kind": kind, "dimension": dimension},
                row=row,
                col=1,
            )
        figure.update_yaxes(title_text=dimension, range=[-reach, reach], tickvals=TICKS, row=row, col=1)
    _apply_style(figure, height=380, hovermode="x unified")
    slider = {"visible": True, "thickness": 0.09, "bgcolor": PAPER, "bordercolor": LIGHT, "borderwidth": 1}
    figure.update_xaxes(title_text="frame", rangeslider=slider, row=len(DIMENSIONS), col=1)
    return figure


def stream_weights_chart(streams: Sequence[str]) -> go.Figure:
    """Draw the empty plot of the streams' weights in a video, below that of `video_chart`.

    The page's script puts a video's values into it; each of its curves says in ``meta`` which ``stream``.
    """
    figure = go.Figure()
    for stream, colour in zip(streams, fold_hex_colours(len(streams)), strict=True):
        figure.add_scatter(
            mode="lines",
            line={"color": colour, "width": 1.6},
            connectgaps=False,
            hovertemplate=f"{stream} %{{y:.2f}}<extra></extra>",
            meta={"stream": stream},
        )
    _apply_style(figure, height=190, hovermode="x unified")
    figure.update_yaxes(title_text="weight", rangemode="tozero", nticks=4)
    figure.update_xaxes(title_text="frame")
    return figure


def density_chart(values: np.ndarray, highest: float) -> go.Figure:
    """Draw the density of valence and arousal, shape (frames, 2), on a scale of colours up to `highest`."""
    plane = density(values)
    centres = cell_centres().astype(np.float32)
    grid = {"x": centres, "y": centres, "z": plane.T.astype(np.float32)}
    hover = "valence %{x:.2f}, arousal %{y:.2f}: %{z:.2f} %<extra></extra>"
    figure = go.Figure(
        go.Heatmap(
            **grid,
            zmin=0,
            zmax=highest,
            colorscale=colour_scale(PAPER),
            zsmooth="best",
            showscale=False,
            hovertemplate=hover,
        )
    )
    for share, dash in zip(LINES, ("dash", "solid"), strict=True):
        level = enclosing_level(plane, share)
        figure.add_contour(
            **grid,
            contours={"start": level, "end": level, "size": 1, "coloring": "none"},
            line={"color": INK, "width": 1.2, "dash": dash},
            hoverinfo="skip",
            showscale=False,
        )
    _apply_style(figure, height=450, hovermode="closest")
    span = {"range": [LOWEST, HIGHEST], "tickvals": TICKS, "showgrid": False, "fixedrange": True}
    figure.update_xaxes(title_text=DIMENSIONS[0], constrain="domain", **span)
    figure.update_yaxes(title_text=DIMENSIONS[1], scaleanchor="x", constrain="domain", **span)
    return figure


def interval_chart(table: pd.DataFrame, axis: str = "CCC") -> go.Figure:
    """Draw a number and its interval for every row, valence and arousal.

    Parameters
    ----------
    table
        ``label``, and for each dimension its number, and where known ``<dimension>_low`` and ``_high``;
        ``own`` is false for numbers of other people, which are drawn hollow.
    axis
        What the numbers are.
    """
    figure = go.Figure()
    labels = [textwrap.wrap(label, LABEL_WIDTH) for label in table["label"]]
    # A row is as high as its label, in pixels; the first one is at the top.
    heights = np.array([20.0 + 14 * len(label) for label in labels])
    positions = heights.sum() - np.cumsum(heights) + heights / 2
    for offset, dimension in zip((OFFSET, -OFFSET), DIMENSIONS, strict=True):
        colour = DIMENSION_COLOURS[dimension]
        own = table["own"].to_numpy(dtype=bool) if "own" in table else np.ones(len(table), bool)
        symbols = [SYMBOLS[dimension] + ("" if is_own else "-open") for is_own in own]
        figure.add_scatter(
            x=table[dimension],
            y=positions + offset,
            error_x=_error_bars(table, dimension, colour),
            mode="markers",
            marker={"color": colour, "size": 9, "symbol": symbols, "line": {"width": 1.5, "color": colour}},
            customdata=table["label"],
            hovertemplate=f"%{{customdata}}, {dimension}: %{{x:.3f}}<extra></extra>",
        )
    _apply_style(figure, height=70 + int(heights.sum()), hovermode="closest")
    figure.update_xaxes(title_text=axis, rangemode="tozero")
    figure.update_yaxes(
        tickvals=positions,
        ticktext=["<br>".join(map(html.escape, label)) for label in labels],
        range=[0, heights.sum()],
        showgrid=False,
        zeroline=False,
    )
    return figure


def _error_bars(table: pd.DataFrame, dimension: str, colour: str) -> dict | None:
    """Return the error bars of the intervals; None where the table has none."""
    low, high = f"{dimension}_low", f"{dimension}_high"
    if low not in table or table[low].isna().all():
        return None
    errors = {"array": table[high] - table[dimension], "arrayminus": table[dimension] - table[low]}
    return {"type": "data", "symmetric": False, **errors, "color": colour, "thickness": 1.6, "width": 3}


def videos_chart(videos: pd.DataFrame) -> go.Figure:
    """Draw every video's CCC of arousal over that of valence; rows of ``scores.csv``."""
    valence, arousal = (videos[f"ccc_{dimension}"] for dimension in DIMENSIONS)
    size = 6 + 10 * np.sqrt(videos["frames"] / max(1, videos["frames"].max()))
    figure = go.Figure(
        go.Scatter(
            x=valence,
            y=arousal,
            mode="markers",
            marker={"size": size, "color": DENSITY[3], "opacity": 0.75, "line": {"color": PAPER, "width": 1}},
            customdata=np.stack([videos["id"], videos["frames"]], axis=1),
            hovertemplate="%{customdata[0]}, %{customdata[1]} frames<br>valence %{x:.2f}, arousal %{y:.2f}"
            "<extra></extra>",
        )
    )
    _apply_style(figure, height=340, hovermode="closest")
    figure.update_xaxes(title_text="CCC, valence", rangemode="tozero")
    figure.update_yaxes(title_text="CCC, arousal", rangemode="tozero")
    return figure


def duration_chart(seconds: Mapping[str, float]) -> go.Figure:
    """Draw the seconds that all jobs of each rule took together; longest first, and few of them."""
    shown = dict(list(seconds.items())[:LONGEST])
    if len(seconds) > len(shown):
        shown["others"] = sum(seconds.values()) - sum(shown.values())
    rules = list(shown)[::-1]
    figure = go.Figure(
        go.Bar(
            x=[shown[rule] for rule in rules],
            y=rules,
            orientation="h",
            marker={"color": DENSITY[2]},
            hovertemplate="%{y}: %{x:.0f} s<extra></extra>",
        )
    )
    _apply_style(figure, height=60 + 22 * len(rules), hovermode="closest")
    figure.update_layout(bargap=0.35)
    figure.update_xaxes(title_text="seconds, all jobs of a rule together")
    figure.update_yaxes(showgrid=False)
    return figure


def search_chart(trials: pd.DataFrame) -> go.Figure:
    """Draw the value of every trial of a search, hollow where it was pruned, and the best one until then.

    Parameters
    ----------
    trials
        Rows of ``search/trials.csv``.
    """
    figure = go.Figure()
    complete = trials[trials["state"] == "complete"]
    line = {"color": GREY, "width": 1.2, "shape": "hv"}
    best = complete["value"].cummax()
    figure.add_scatter(x=complete["trial"], y=best, mode="lines", line=line, hoverinfo="skip")
    for state, symbol in (("complete", "circle"), ("pruned", "circle-open")):
        shown = trials[trials["state"] == state]
        figure.add_scatter(
            x=shown["trial"],
            y=shown["value"],
            mode="markers",
            marker={"color": DENSITY[2], "size": 8, "symbol": symbol},
            hovertemplate=f"trial %{{x}}, {state}: %{{y:.3f}}<extra></extra>",
        )
    _apply_style(figure, height=280, hovermode="closest")
    figure.update_xaxes(title_text="trial", tickformat="d")
    figure.update_yaxes(title_text="CCC on the stop names")
    return figure


def _apply_style(figure: go.Figure, height: int, hovermode: str) -> None:
    """Apply the common style: nothing but what is needed to read the numbers."""
    figure.update_layout(
        template=go.layout.Template(),
        height=height,
        autosize=True,
        showlegend=False,
        hovermode=hovermode,
        margin={"l": 8, "r": 12, "t": 12, "b": 8},
        paper_bgcolor=PAPER,
        plot_bgcolor=PAPER,
        font={"family": FONT, "color": INK, "size": 13},
        hoverlabel={"bgcolor": PAPER, "bordercolor": GREY, "font": {"color": INK, "family": FONT}},
        # A change of colours or of the window's width keeps what the reader has zoomed to.
        uirevision="kept",
    )
    figure.update_xaxes(**AXIS)
    figure.update_yaxes(fixedrange=True, **AXIS)
