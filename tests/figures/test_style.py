from mimamo.figures.style import fold_colours


def test_every_fold_has_a_colour_of_its_own():
    for count in (1, 5, 7, 12):
        assert len({str(colour) for colour in fold_colours(count)}) == count
