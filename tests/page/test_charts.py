import json

from mimamo import DIMENSIONS
from mimamo.page.charts import video_chart
from mimamo.page.colours import SHADES


def test_the_plot_of_a_video_says_what_each_of_its_curves_takes():
    plot = json.loads(video_chart().to_json())
    found = {(curve["meta"]["kind"], curve["meta"]["dimension"]) for curve in plot["data"]}
    assert found == {(kind, name) for kind in (*SHADES, "truth", "prediction") for name in DIMENSIONS}
    # The names of axes that the page's script fills in.
    assert plot["layout"]["xaxis2"]["rangeslider"]["visible"] and "title" in plot["layout"]["xaxis2"]
