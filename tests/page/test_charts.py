import json

import numpy as np
import pandas as pd
import pytest
from matplotlib.colors import to_rgb
from matplotlib.contour import ContourSet

from mimamo import DIMENSIONS
from mimamo.figures.density import cell_centres, density, density_planes
from mimamo.page.charts import curve_chart, density_chart, interval_chart, video_chart, videos_chart
from mimamo.page.colours import SHADES


def test_the_plot_of_a_video_says_what_each_of_its_curves_takes():
    plot = json.loads(video_chart().to_json())
    found = {(curve["meta"]["kind"], curve["meta"]["dimension"]) for curve in plot["data"]}
    assert found == {(kind, name) for kind in (*SHADES, "truth", "prediction") for name in DIMENSIONS}
    # The names of axes that the page's script fills in.
    assert plot["layout"]["xaxis2"]["rangeslider"]["visible"] and "title" in plot["layout"]["xaxis2"]


def densities() -> np.ndarray:
    """Valence and arousal of many frames, shape (frames, 2)."""
    return np.random.default_rng(3).normal(0, 0.3, (4000, 2))


def test_density_has_the_grid_the_contours_and_the_colours_of_the_figure():
    values = densities()
    plane = density(values)
    joined = pd.DataFrame(values, columns=["valence", "arousal"])
    joined[["true_valence", "true_arousal"]] = values
    figure = density_planes(joined).sheet("page").axes[0]
    heatmap, *contours = density_chart(values, float(plane.max())).data
    (image,) = figure.images
    assert np.allclose(heatmap.z, np.asarray(image.get_array()), atol=1e-6)
    assert (heatmap.zmin, heatmap.zmax) == pytest.approx((0, image.get_clim()[1]))
    assert heatmap.x == pytest.approx(cell_centres())
    # Every colour but the ground.
    for share, colour in heatmap.colorscale[1:]:
        there = np.array(image.cmap(share)[:3])
        assert np.abs(there - to_rgb(colour)).max() < 0.02, share
    lines = [line for line in figure.collections if isinstance(line, ContourSet)]
    assert [line.contours.start for line in contours] == pytest.approx([line.levels[0] for line in lines])
    assert [line.line.dash for line in contours] == ["dash", "solid"]
    assert [line.linestyles[0] == "-" for line in lines] == [False, True]


def test_axes_of_a_ccc_show_zero():
    table = pd.DataFrame({"label": ["a", "b"], "valence": [0.4, 0.5], "arousal": [0.6, 0.7]})
    assert interval_chart(table).layout.xaxis.rangemode == "tozero"
    videos = pd.DataFrame({"id": ["a"], "frames": [9], "ccc_valence": [0.4], "ccc_arousal": [0.5]})
    chart = videos_chart(videos)
    assert chart.layout.xaxis.rangemode == chart.layout.yaxis.rangemode == "tozero"
    history = pd.DataFrame(
        {"epoch": [1], "loss": [0.5], "stop_ccc_valence": [0.4], "train_ccc_valence": [0.4]}
    )
    history["stop_ccc_arousal"] = 0.5
    assert curve_chart([history], "stop_ccc_valence").layout.yaxis.rangemode == "tozero"
    assert curve_chart([history], "loss").layout.yaxis.rangemode is None
