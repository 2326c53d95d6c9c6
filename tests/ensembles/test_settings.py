import pytest

from mimamo.config import check_config
from mimamo.corpus.editions import EDITIONS, MOST_SUBMISSIONS, most_submissions
from mimamo.ensembles.settings import check_ensembles, complete_submissions, postprocessing_of
from mimamo.errors import ConfigError
from support.configuration import read
from support.paths import REPO

RUNS = ["configured", "wide"]
SCHEMA = REPO / "workflow/schemas/config.schema.yaml"


@pytest.fixture
def config() -> dict:
    return read(REPO / "config.yaml") | {
        "runs": {"wide": {"postprocessing": {"ensemble": "mean"}}},
        "predictions": {"theirs": {"out_of_fold": "oof.csv", "test": "test.csv"}},
        "ensembles": {"both": {"members": ["configured", "wide", "theirs"], "weights": "nnls"}},
        "submissions": {"first": {"of": "both", "gaps": "previous"}, "second": {"of": "wide"}},
    }


def said(config, runs=RUNS, other_folds=(), submits=True, most=5) -> str:
    with pytest.raises(ConfigError) as caught:
        check_ensembles(config, runs, other_folds, submits, most)
    return str(caught.value)


def test_what_names_what_there_is_is_accepted(config):
    assert check_config(config, SCHEMA) is None
    assert check_ensembles(config, RUNS, (), True, 5) is None
    assert check_ensembles(read(REPO / "config.yaml"), RUNS, (), False, 5) is None


def test_members_and_submissions_have_to_be_there(config):
    config["ensembles"]["both"]["members"] = ["configurd", "both", "wide", "wide"]
    config["submissions"]["first"]["of"] = "bath"
    config["submissions"]["second"]["of"] = "theirs"
    text = said(config)
    assert "ensembles.both.members has 'configurd', did you mean configured?" in text
    assert "ensembles.both.members has 'both', expected one of configured, wide, theirs" in text
    assert "ensembles.both.members has 'wide' twice" in text
    assert "submissions.first.of is 'bath', did you mean both?" in text
    assert "submissions.second.of is 'theirs'" in text and "make an ensemble of theirs alone" in text


def test_names_are_names_of_folders_and_of_one_thing(config):
    config["ensembles"]["wide"] = config["ensembles"]["a/b"] = {"members": ["wide"]}
    config["predictions"]["configured"] = config["predictions"]["theirs"]
    config["submissions"]["configured"] = {"of": "wide", "gaps": "interpolate"}
    text = said(config)
    assert "submissions.configured has the name of the configured run" in text
    assert "ensembles.a/b is not a valid folder name" in text
    assert "ensembles.wide has the name of a run" in text
    assert "predictions.configured has the name of a run" in text


def test_runs_on_other_folds_are_no_members(config):
    text = said(config, other_folds=["wide", "deep"])
    assert "runs.wide has other folds than the configured run" in text and "deep" not in text


def test_there_may_be_as_many_submissions_as_a_team_may_send(config):
    policies = [{"gaps": g, "delay": d} for g in ("report", "previous", "interpolate") for d in (True, False)]
    config["submissions"] = {f"s{k}": each for k, each in enumerate(policies[:5])}
    assert check_ensembles(config, RUNS, (), True, 5) is None
    config["submissions"]["s5"] = policies[5]
    assert "submissions has 6 entries, expected at most 5" in said(config)
    assert "expected at most 2" in said(config, most=2)
    assert {edition.submissions for edition in EDITIONS} == {most_submissions("ABAW2")} == {MOST_SUBMISSIONS}
    assert most_submissions("") == 5


def test_the_same_submission_is_not_sent_twice(config):
    """Whether its settings are given or are the configured ones."""
    config["submissions"] = {"first": {"of": "wide"}, "again": {"of": "wide", "gaps": "report"}}
    assert "submissions.again is the same as submissions.first" in said(config)


def test_without_test_names_or_with_given_models_there_is_nothing_to_submit(config):
    assert "submissions is given and data.test_list is null" in said(config, submits=False)
    config["predictions"]["theirs"].pop("test")
    assert "predictions.theirs.test is missing" in said(config)
    config["models"] = "results/train"
    text = said(config)
    assert all(f"{key} is given, and so are models" in text for key in ("ensembles", "predictions"))


def test_what_a_submission_does_not_say_is_as_configured(config):
    config["postprocessing"] = {"ensemble": "centred", "smoothing": "best", "delay": True}
    config["submissions"]["third"] = {"smoothing": "none"}
    found = complete_submissions(config)
    assert found["third"] == {
        "of": "configured", "ensemble": "centred", "smoothing": "none", "delay": True, "gaps": "report"
    }  # fmt: skip
    assert found["first"]["gaps"] == "previous" and found["first"]["of"] == "both"
    # A run may have its own.
    assert postprocessing_of(found["second"]) == {"ensemble": "mean", "smoothing": "best", "delay": True}


@pytest.mark.parametrize(
    ("section", "entry", "expected"),
    [
        ("ensembles", {"members": []}, "ensembles.a.members is [], expected"),
        ("ensembles", {"weights": "nnls"}, "ensembles.a.members is missing"),
        ("ensembles", {"members": ["wide"], "weights": "best"}, "expected one of mean, nnls, greedy"),
        ("predictions", {"test": "x.csv"}, "predictions.a.out_of_fold is missing"),
        (
            "submissions",
            {"gap": "report"},
            "no key submissions.a.gap; did you mean submissions.a.gaps?",
        ),
        ("submissions", {"delay": "perhaps"}, "submissions.a.delay is 'perhaps', expected boolean"),
    ],
)
def test_the_schema_says_what_an_entry_is(config, section, entry, expected):
    with pytest.raises(ConfigError) as caught:
        check_config(config | {section: {"a": entry}}, SCHEMA)
    assert expected in str(caught.value)
