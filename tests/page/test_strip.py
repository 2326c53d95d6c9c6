import numpy as np

from mimamo.figures.strip import FRAMES
from mimamo.page.strip import motion
from support.figures import make_results, strip_drawing


def test_motion_is_clear_where_nothing_moves_and_has_a_colour_for_each_sign():
    image = np.asarray(motion(np.array([[0.0, 1.0, -1.0, 9.0]]), limit=1.0))
    assert image[0, 0, 3] == 0 and image[0, 1, 3] == image[0, 2, 3] == image[0, 3, 3] == 255
    assert image[0, 1, 0] > image[0, 1, 2] and image[0, 2, 0] < image[0, 2, 2]


def test_motion_has_the_colours_and_the_limit_of_the_figure(tmp_path):
    sheet = strip_drawing(make_results(tmp_path)).sheet("page")
    drawn = [panel.images[0] for panel in sheet.axes if panel.images][-2 * FRAMES :]
    for image in drawn[::5]:
        values, limit = np.asarray(image.get_array()), image.get_clim()[1]
        page = np.asarray(motion(values, limit)) / 255
        on_white = 1 - page[..., 3:] * (1 - page[..., :3])
        assert np.abs(image.to_rgba(values)[..., :3] - on_white).max() < 0.03
