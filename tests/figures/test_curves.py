import numpy as np
import pandas as pd
import pytest

from mimamo.figures.curves import fold_curves, kept_epochs
from mimamo.figures.files import WIDTHS
from mimamo.storage.files import read_csv


def test_epoch_kept_is_that_of_the_best_mean_on_the_stop_names():
    table = pd.DataFrame(
        {"stop_ccc_valence": [0.1, 0.6, np.nan, 0.5], "stop_ccc_arousal": [0.1, 0.2, 0.9, 0.4]}
    )
    assert kept_epochs(table) == [3]
    assert kept_epochs(table.assign(stop_ccc_valence=np.nan)) == []
    assert kept_epochs(table.assign(averaged=[0, 1, 0, 1])) == [1, 3]


@pytest.mark.parametrize("width", WIDTHS)
def test_axes_of_a_ccc_show_zero_and_what_lies_below_it(stage, width):
    table = read_csv(stage / "history0.csv")
    above = table.clip(lower=0.3)
    below = table.assign(stop_ccc_arousal=-0.4)
    for panel in fold_curves([above]).sheet(width).axes[1:3]:
        assert panel.get_ylim()[0] <= 0
    _, valence, arousal = fold_curves([above, below]).sheet(width).axes
    assert valence.get_ylim() == arousal.get_ylim() and arousal.get_ylim()[0] < -0.4


def test_every_fold_is_in_the_legend_however_many_there_are(stage):
    table = read_csv(stage / "history0.csv")
    for width in WIDTHS:
        sheet = fold_curves([table] * 14).sheet(width)
        (legend,) = sheet.legends
        assert len(legend.get_texts()) == 14 + 3
        box = legend.get_window_extent()
        assert box.x0 >= 0 and box.x1 <= sheet.bbox.x1 and box.y1 < min(a.bbox.y0 for a in sheet.axes)
