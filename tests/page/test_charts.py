import json

import numpy as np

from mimamo.page.charts import trace_chart


def test_a_long_video_with_many_gaps_makes_a_small_plot():
    from mimamo.figures.traces import Trace

    values = {name: np.sin(np.arange(26_000) / 300) for name in ("valence", "arousal")}
    gaps = np.arange(26_000) % 20 < 3
    plot = trace_chart(Trace("t", values, values, {}, {"no crop, no prediction": gaps})).to_json()
    assert len(plot) < 1_500_000 and len(json.loads(plot)["data"]) == 6
