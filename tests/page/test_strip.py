import numpy as np

from mimamo.page.strip import motion


def test_motion_is_clear_where_nothing_moves_and_has_a_colour_for_each_sign():
    image = np.asarray(motion(np.array([[0.0, 1.0, -1.0, 9.0]]), limit=1.0))
    assert image[0, 0, 3] == 0 and image[0, 1, 3] == image[0, 2, 3] == image[0, 3, 3] == 255
    assert image[0, 1, 0] > image[0, 1, 2] and image[0, 2, 0] < image[0, 2, 2]
