"""Predictions of videos with gaps, and what fills them."""

import pandas as pd

from mimamo.postprocessing.gaps import POLICIES, fill_table


def fill_gaps(frames, values, length, policy=POLICIES[0], label_mean=None):
    """Values and sources of one video."""
    table = fill_table(predictions(a=(frames, values)), {"a": length}, policy, label_mean)
    assert table["frame"].tolist() == list(range(1, length + 1))
    return table[["valence", "arousal"]].to_numpy(), table["source"].to_numpy()


def predictions(**videos):
    """Predictions (frames, 2) of the frames of some names."""
    tables = [
        pd.DataFrame({"name": name, "frame": frames, "valence": values[:, 0], "arousal": values[:, 1]})
        for name, (frames, values) in videos.items()
    ]
    return pd.concat(tables, ignore_index=True).astype({"name": "str"})
