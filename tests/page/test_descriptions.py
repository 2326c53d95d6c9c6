import numpy as np
import pandas as pd

from mimamo.page.descriptions import describe_curves, describe_density, describe_intervals, describe_videos


def test_plots_are_described_with_their_numbers():
    rows = [
        {"label": f"fold {n}", "valence": 0.5, "arousal": -0.25, "valence_low": 0.4, "valence_high": 0.6}
        for n in range(9)
    ]
    text = describe_intervals(pd.DataFrame(rows))
    assert "fold 0: valence 0.50 (0.400 to 0.600), arousal −0.25" in text and text.endswith(
        "and 3 more, see the table."
    )
    videos = pd.DataFrame({"ccc_valence": [0.1, 0.9, np.nan], "ccc_arousal": [0.2, 0.2, 0.2]})
    assert "valence from 0.10 to 0.90, median 0.50" in describe_videos(videos)
    history = pd.DataFrame(
        {
            "epoch": [1, 2],
            "stop_ccc_valence": [0.1, 0.3],
            "stop_ccc_arousal": [0.1, 0.3],
            "stop_ccc_mean": [0.1, 0.3],
        }
    )
    assert "fold 0 0.30 in epoch 2" in describe_curves([history], "stop_ccc_valence", "CCC, valence")
    assert "arousal mean 0.00, standard deviation 1.00" in describe_density(
        np.array([[1, -1], [1, 1]]), "truth"
    )
