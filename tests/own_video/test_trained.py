"""A film that is shown with the models of a finished run of the demo."""

import av
import numpy as np
import pytest

from mimamo import DIMENSIONS
from mimamo.storage.files import read_csv
from support.films import FRAMES, predict, write_example

pytestmark = pytest.mark.usefixtures("one_thread")


def test_the_demos_models_predict_a_film_and_show_it(tiny, tmp_path):
    film, shown = write_example(tmp_path / "film.mp4"), tmp_path / "shown.mp4"
    models = sorted((tiny.results / "train").glob("fold*/model.pt"))
    assert len(models) == 2
    assert predict([film], models, tmp_path / "table.csv", "--film", str(shown)) == 0
    table = read_csv(tmp_path / "table.csv")
    assert len(table) == FRAMES and (table["source"] == "predicted").sum() > FRAMES / 2
    values = table[list(DIMENSIONS)].to_numpy()
    assert np.isfinite(values).all() and (np.abs(values) <= 1).all()
    with av.open(str(shown)) as container:
        assert sum(1 for _ in container.decode(video=0)) == FRAMES
        assert container.streams.audio
