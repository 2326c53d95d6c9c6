import io

import numpy as np
from PIL import Image

from mimamo.corpus.layout import Corpus
from mimamo.page.tiles import COLUMNS, MOST, SIDE, STEP, find_tiles
from support.corpus import DATA, write_pictures


def test_crops_stand_in_order_and_at_even_distances(tmp_path):
    numbers = list(range(3, 203))
    write_pictures(tmp_path / "cropped_aligned", {"105": numbers})
    corpus = Corpus.from_config({"data": DATA}, str(tmp_path))
    tiles = find_tiles("105", np.array(numbers), corpus)
    assert (tiles.frames[0], tiles.frames[-1], len(tiles.frames)) == (3, 202, 200 // STEP)
    picture = Image.open(io.BytesIO(tiles.picture))
    assert picture.size == (COLUMNS * SIDE, -(-len(tiles.frames) // COLUMNS) * SIDE)
    assert find_tiles("105", np.array([], int), corpus) is None
    assert find_tiles("nobody", np.array([1]), corpus) is None
    assert len(find_tiles("105", np.array(numbers * 6), corpus).frames) == MOST
