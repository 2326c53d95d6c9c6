"""What a run can do with what there is."""

import pytest

from mimamo.dataset.scope import check_prediction, check_training, omissions
from mimamo.errors import ConfigError
from support.configuration import read
from support.corpus import corpus_at
from support.paths import REPO

NONE = {"train": None, "validation": None}


@pytest.fixture
def config() -> dict:
    return read(REPO / "config.yaml")


@pytest.mark.parametrize("data", [{}, {"validation": None}, {"train": None}, {"test_list": None}])
def test_one_set_of_annotations_is_enough_for_training(config, tmp_path, data):
    assert check_training(config, corpus_at(tmp_path, **data)) is None


def test_training_needs_annotations(config, tmp_path):
    with pytest.raises(ConfigError, match=r"nothing to train on; set data.train .*, or models to trained"):
        check_training(config, corpus_at(tmp_path, **NONE))


@pytest.mark.parametrize("protocol", ["official", "both"])
@pytest.mark.parametrize("key", ["train", "validation"])
def test_a_protocol_with_two_sets_needs_both(config, tmp_path, protocol, key):
    config["protocol"] = protocol
    check_training(config, corpus_at(tmp_path))
    with pytest.raises(ConfigError, match=f"protocol is {protocol}, .* data.{key} is null"):
        check_training(config, corpus_at(tmp_path, **{key: None}))


def test_given_models_predict_a_test_list_alone(config, tmp_path):
    check_prediction(config, corpus_at(tmp_path, **NONE))
    with pytest.raises(ConfigError, match=r"data.test_list is null"):
        check_prediction(config, corpus_at(tmp_path, **NONE, test_list=None))
    with pytest.raises(ConfigError, match=r"data.train and data.validation would not be used"):
        check_prediction(config, corpus_at(tmp_path))


@pytest.mark.parametrize(
    ("key", "value", "remedy"),
    [("ensemble", "weighted", "mean or centred"), ("smoothing", "best", "none"), ("delay", True, "false")],
)
def test_what_is_fitted_out_of_fold_cannot_be_asked_of_given_models(config, tmp_path, key, value, remedy):
    config["postprocessing"][key] = value
    with pytest.raises(ConfigError, match=f"postprocessing.{key} is {value}, .* set it to {remedy}"):
        check_prediction(config, corpus_at(tmp_path, **NONE))


@pytest.mark.parametrize(
    ("data", "said"),
    [
        ({}, []),
        ({"test_list": None}, ["nothing to submit"]),
        ({"validation": None, "videos": []}, ["no validation set", "no videos"]),
        ({"train": None}, ["no training set"]),
    ],
)
def test_what_is_left_out_is_said(config, tmp_path, data, said):
    sentences = omissions(config, corpus_at(tmp_path, **data))
    assert len(sentences) == len(said)
    assert all(words in sentence for words, sentence in zip(said, sentences, strict=True))


def test_given_models_leave_out_training_and_scores(config, tmp_path):
    config["models"] = "results/train"
    (sentence,) = omissions(config, corpus_at(tmp_path, **NONE))
    assert "nothing is trained, and nothing can be scored" in sentence
