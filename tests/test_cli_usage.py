"""How a command line is read, and the sentences about one that is wrong."""

import inspect
from pathlib import Path
from typing import get_args

import pytest

from mimamo.bench.__main__ import main as bench
from mimamo.cli import app, main
from mimamo.cli.prediction import Policy, Recurrence, convert, predict
from mimamo.cli.videos import SMOOTH, People, crop
from mimamo.cropping.smoothing import SECONDS


def read(line: str | list[str]) -> dict:
    """What the function of a command would be called with."""
    tokens = line.split() if isinstance(line, str) else line
    _, bound, _ = app.parse_args(tokens, print_error=False, exit_on_error=False)
    bound.apply_defaults()
    return dict(bound.arguments)


def sentences(arguments: list[str], capsys) -> list[str]:
    """The lines about a command line that is wrong."""
    with pytest.raises(SystemExit) as ended:
        main(arguments)
    assert ended.value.code == 2
    told = capsys.readouterr()
    assert not told.out
    return told.err.splitlines()


@pytest.mark.parametrize(
    "line",
    [
        "predict my_crops --models a.pt b.pt c.pt --out o.csv",
        "predict --models a.pt b.pt c.pt --out o.csv my_crops",
        "predict --out o.csv my_crops --models a.pt b.pt c.pt",
        "predict my_crops --models a.pt --models b.pt c.pt --out=o.csv",
    ],
)
def test_several_values_after_one_flag(line):
    models = tuple(Path(name) for name in ("a.pt", "b.pt", "c.pt"))
    assert read(line) == {
        "sources": (Path("my_crops"),),
        "models": models,
        "out": Path("o.csv"),
        "policy": "report",
        "threads": None,
        "features": (),
        **dict.fromkeys(("smooth", "people", "film", "crops", "detector")),
    }


def test_several_videos():
    assert read("crop a.mp4 b.mp4 --out o c.mp4") == {
        "videos": (Path("a.mp4"), Path("b.mp4"), Path("c.mp4")),
        "out": Path("o"),
        "smooth": SECONDS,
        "people": "largest",
        "detector": None,
        "threads": None,
    }
    assert read("predict a.mp4 b.mp4 --models m --out o")["sources"] == (Path("a.mp4"), Path("b.mp4"))
    assert read("predict a --models m --out o --smooth match")["smooth"] == "match"
    assert read("predict a --models m --out o --smooth 0")["smooth"] == 0


def test_several_configurations_and_none():
    assert read("estimate --configfile a.yaml b.yaml")["configfile"] == (Path("a.yaml"), Path("b.yaml"))
    assert read("estimate") == {
        "configfile": (),
        "root": None,
        "results": (Path("results"),),
        "rates": None,
        "jobs": None,
        "gpus": None,
        "card": None,
    }


def test_defaults_of_the_other_commands():
    assert read("progress") == {"folder": Path(), "once": False}
    assert read("convert a b") == {
        "published": Path("a"),
        "out": Path("b"),
        "recurrence": "time",
        "outputs": ("valence", "arousal"),
    }
    assert read("convert a b --outputs arousal,valence")["outputs"] == ("arousal", "valence")
    assert read("provenance a") == {"result": Path("a"), "chain": None, "full": False}


def test_values_that_begin_with_a_dash_or_look_like_a_list():
    assert read("predict --models=-m.pt --out=-o.csv -- -crops")["sources"] == (Path("-crops"),)
    assert read("predict x --models=-m.pt --out=-o.csv")["out"] == Path("-o.csv")
    assert read(["predict", "x", "--models", "[a].pt", '["b"]', "--out", "o"])["models"] == (
        Path("[a].pt"),
        Path('["b"]'),
    )


def test_a_flag_may_be_given_again():
    assert read("progress --once --once")["once"] is True


@pytest.mark.parametrize(
    ("line", "sentence"),
    [
        ("--policy none", "--policy: expected one of report, previous, interpolate, found 'none'"),
        ("--threads 0", "--threads: expected a whole number from 1 on, found '0'"),
        ("--threads -3", "--threads: expected a whole number from 1 on, found '-3'"),
        ("--threads 1.5", "--threads: expected a whole number from 1 on, found '1.5'"),
        ("--threads=", "--threads: expected a whole number from 1 on, found ''"),
        ("--out p", "--out: expected once, found again"),
        ("--policy", "--policy: expected a value, found nothing"),
        ("--policy --threads 1", "--policy: expected a value, found nothing"),
        ("--policy -x", "--policy: expected a value, found '-x'; if it is the value, write --policy=-x"),
        ("--models", "--models: expected a value, found nothing"),
        ("--models=", "--models: expected a path, found ''"),
        ("--no-models", "unknown option '--no-models'; did you mean '--models'?"),
        ("--thread 1", "unknown option '--thread'; did you mean '--threads'?"),
        ("--threds=1", "unknown option '--threds'; did you mean '--threads'?"),
        ("--smooth -1", "--smooth: expected seconds from 0 to 10, or match, found '-1'"),
        ("--smooth nan", "--smooth: expected seconds from 0 to 10, or match, found 'nan'"),
        ("--smooth much", "--smooth: expected seconds from 0 to 10, or match, found 'much'"),
        ("--people some", "--people: expected one of largest, all, found 'some'"),
    ],
)
def test_the_sentence_says_what_was_expected_and_found(line, sentence, capsys):
    told = sentences(["predict", "x", "--models", "m", "--out", "o", *line.split()], capsys)
    assert told == [
        "usage: mimamo predict --models MODEL... --out CSV [OPTIONS] SOURCE...",
        f"mimamo predict: {sentence}",
    ]


@pytest.mark.parametrize(
    ("line", "sentence"),
    [
        ("vaildate x", "mimamo: unknown command 'vaildate'; did you mean 'validate'?"),
        ("va", "mimamo: unknown command 'va'; did you mean 'validate'?"),
        ("vaildate --help", "mimamo: unknown command 'vaildate'; did you mean 'validate'?"),
        ("--verison", "mimamo: unknown option '--verison'; did you mean '--version'?"),
        (
            "nothing",
            "mimamo: unknown command 'nothing'; expected one of import, crop, predict, convert, estimate, "
            "progress, validate, provenance, completion",
        ),
        ("predict", "mimamo predict: expected SOURCE, found nothing"),
        ("convert a b -- y", "mimamo convert: expected nothing more, found 'y'"),
        ("crop", "mimamo crop: expected VIDEO, found nothing"),
        (
            "crop x --smooth match --out o",
            "mimamo crop: --smooth: expected seconds from 0 to 10, found 'match'",
        ),
        ("predict x", "mimamo predict: expected --models, found nothing"),
        ("predict x --models m --ot o", "mimamo predict: unknown option '--ot'; did you mean '--out'?"),
        (
            "validate x",
            "mimamo validate: expected one of --expected, --frame-list, --sample-list, found none",
        ),
        (
            "validate x --expected a --frame-list b",
            "mimamo validate: expected one of --expected, --frame-list, --sample-list, found --expected and "
            "--frame-list",
        ),
        ("validate x --expect a", "mimamo validate: unknown option '--expect'; did you mean '--expected'?"),
        (
            "convert a b --recurrence x",
            "mimamo convert: --recurrence: expected one of time, batch, found 'x'",
        ),
        ("estimate --jobs x", "mimamo estimate: --jobs: expected a whole number from 1 on, found 'x'"),
        ("estimate x", "mimamo estimate: expected nothing more, found 'x'"),
        ("completion tcsh", "mimamo completion: SHELL: expected one of bash, zsh, fish, found 'tcsh'"),
    ],
)
def test_the_nearest_name_or_what_there_is(line, sentence, capsys):
    usage, told = sentences(line.split(), capsys)
    assert usage.startswith("usage: mimamo") and told == sentence


@pytest.mark.parametrize("arguments", [["progress", ""], ["provenance", "x", "--chain", ""]])
def test_an_empty_path_is_not_this_folder(arguments, capsys):
    assert sentences(arguments, capsys)[1].endswith("expected a path, found ''")


def test_no_command_shows_the_help(capsys):
    told = sentences([], capsys)
    assert told[0] == "Usage: mimamo COMMAND"
    assert told[-1] == "mimamo: expected a command, found nothing"


def test_who_has_seen_enough_of_the_progress_has_not_failed(monkeypatch):
    from mimamo.jobs import progress

    def interrupted(*_):
        raise KeyboardInterrupt

    monkeypatch.setattr(progress, "watch", interrupted)
    assert main(["progress"]) == 0


def test_choices_are_those_of_the_modules():
    from mimamo.cropping import people
    from mimamo.cropping.crop import CropSettings
    from mimamo.model.sizes import RECURRENCES, NetworkConfig
    from mimamo.own_data.crops import predict_own_crops
    from mimamo.postprocessing.gaps import POLICIES

    assert get_args(Policy) == POLICIES and get_args(Recurrence) == RECURRENCES

    def default(function, name: str):
        return inspect.signature(function).parameters[name].default

    assert get_args(People) == get_args(people.Choice)
    assert default(crop, "smooth") == SMOOTH == SECONDS == CropSettings().smoothing
    assert default(crop, "people") == CropSettings().people
    assert default(predict, "policy") == default(predict_own_crops, "policy")
    assert default(convert, "recurrence") == NetworkConfig().recurrence


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (["--help"], 0),
        (["--stages", "phase", "none"], 2),
        (["--stages"], 2),
        (["--threads", "x"], 2),
        (["--treads", "1"], 2),
        (["x"], 2),
    ],
)
def test_the_benchmark_is_called_the_same_way(arguments, code):
    try:
        assert bench(arguments) == code
    except SystemExit as ended:
        assert ended.code == code
