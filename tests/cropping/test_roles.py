"""Which person of a video a name means, by the names alone."""

import pytest

from mimamo.cropping.roles import role_of


@pytest.mark.parametrize(
    ("names", "roles"),
    [
        (["x"], ["largest"]),
        (["x_left", "x_right"], ["left", "right"]),
        # One of two people may be called as the video.
        (["x", "x_right"], ["left", "right"]),
        (["x", "x_left"], ["right", "left"]),
        (["x_right"], ["right"]),
        (["x", "x_left", "x_right"], ["other", "left", "right"]),
    ],
)
def test_every_name_of_a_video_means_a_person_of_its_own(names, roles):
    assert [role_of(name, "x", names) for name in names] == roles


def test_a_container_that_is_called_as_the_name_shows_its_person_only():
    assert role_of("x_left", "x_left", ["x_left"]) == "largest"
