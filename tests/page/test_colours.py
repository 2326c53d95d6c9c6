from mimamo.figures.style import BLUE, VERMILLION
from mimamo.page.colours import DARK
from support.page import colours, plots


def test_every_colour_has_another_on_a_dark_screen(page):
    used = set().union(*(colours(plot) for plot in plots(page).values()))
    assert {BLUE, VERMILLION} < used <= set(DARK)
    assert len(set(DARK.values())) == len(DARK)
