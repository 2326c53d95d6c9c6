import numpy as np
import pandas as pd

from mimamo.figures.curves import best_epoch


def test_epoch_kept_is_that_of_the_best_mean_on_the_stop_names():
    table = pd.DataFrame(
        {"stop_ccc_valence": [0.1, 0.6, np.nan, 0.5], "stop_ccc_arousal": [0.1, 0.2, 0.9, 0.4]}
    )
    assert best_epoch(table) == 3
    assert best_epoch(table.assign(stop_ccc_valence=np.nan)) is None
