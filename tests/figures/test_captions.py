from types import SimpleNamespace

import pytest

from mimamo.figures.captions import read_caption

CAPTIONS = ("fold_curves", "scores_figure", "traces", "density", "phase_strip", "test_traces")


def job(demo: bool, weights: str) -> SimpleNamespace:
    return SimpleNamespace(params=SimpleNamespace(demo=demo, weights=weights))


@pytest.mark.parametrize("name", CAPTIONS)
def test_caption_is_one_paragraph_with_the_caveats_of_the_run(name):
    demo, own = read_caption(name, job(True, "random")), read_caption(name, job(False, "ferplus"))
    assert "\n" not in demo + own and "{" not in demo + own
    # For LaTeX as well, where these have a meaning.
    assert not set("%&$#_~^\\") & set(demo + own)
    assert "rendered" in demo
    if name != "phase_strip":
        assert "random weights" in demo and "random" not in own
        assert "nothing here says anything about Aff-Wild2" in demo.replace("Nothing", "nothing")
    if name != "test_traces":
        assert "rendered" not in own and "Aff-Wild2" not in own
