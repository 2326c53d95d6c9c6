"""What has to be said beside scores and predictions of demo data and of random weights."""

import pytest

from mimamo.evidence.caveats import prediction_caveat, score_caveat

DEMO = "trained on the rendered demo corpus: says nothing about real faces"
UNKNOWN = "trained on an unknown corpus, which checkpoints of earlier versions do not record"
RANDOM = "spatial features from random weights"


def test_scores_of_real_data_with_real_weights_have_none():
    assert score_caveat(False, "ferplus") == ""
    assert score_caveat(True, "random") == f"rendered demo corpus: says nothing about Aff-Wild2; {RANDOM}"


@pytest.mark.parametrize(
    ("models", "expected"),
    [
        ([(False, "ferplus"), (False, "imagenet")], ""),
        ([(False, "ferplus"), (True, "random")], f"{DEMO}; {RANDOM}"),
        ([(None, "ferplus")], UNKNOWN),
        ([(None, "random"), (True, "ferplus")], f"{DEMO}; {UNKNOWN}; {RANDOM}"),
    ],
)
def test_predictions_have_the_caveats_of_all_their_models(models, expected):
    assert prediction_caveat(models) == expected
