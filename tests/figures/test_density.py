import numpy as np
import pytest

from mimamo.figures.density import density, enclosing_level


def test_density_keeps_every_frame_and_knows_its_axes():
    values = np.array([[0.5, -0.25]] * 900 + [[-1, 1]] * 70 + [[2, 1]] * 30)
    plane = density(values)
    # The plane has four hundred squares of side 0.1.
    assert plane.mean() * 400 == pytest.approx(100)
    cell = np.unravel_index(plane[:-8, :-8].argmax(), (72, 72))
    assert cell[0] in (59, 60) and cell[1] in (29, 30)
    assert plane[0, -1] > plane[-1, -1] > plane[-1, 0]


def test_density_does_not_fade_at_the_border():
    steps = np.linspace(-0.99, 0.99, 80)
    plane = density(np.stack(np.meshgrid(steps, steps), axis=-1).reshape(-1, 2))
    assert plane == pytest.approx(np.full((80, 80), 0.25), rel=0.05)


def test_contours_enclose_their_share():
    generator = np.random.default_rng(8)
    plane = density(generator.normal(0, 0.3, (5000, 2)))
    for share in (0.5, 0.9):
        inside = plane >= enclosing_level(plane, share)
        assert plane[inside].sum() / plane.sum() == pytest.approx(share, abs=0.01)
