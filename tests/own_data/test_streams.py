"""Crops of one's own for models that were trained on features that somebody brought, or on sound."""

import numpy as np
import pytest

from mimamo.errors import InputError
from mimamo.own_data.given_models import check_models
from mimamo.storage.files import read_csv
from mimamo.streams import AUDIO_DEFAULTS
from support.brought import BY_FRAMES, write_file
from support.commands import sentence
from support.configuration import read
from support.fold import NETWORK
from support.models import NUMBERS, SPATIAL, TRAINING, predict, write_model
from support.paths import REPO

pytestmark = pytest.mark.usefixtures("one_thread")

RATE = {**BY_FRAMES, "rows": {"rate": 25.0, "offset": 0.0, "pick": "nearest", "fps": None}}


@pytest.fixture(scope="module")
def model(tmp_path_factory):
    """A model of a third stream of three values a frame."""
    return write_model(tmp_path_factory.mktemp("model") / "model.pt", 0, brought={"voice": (3, BY_FRAMES)})


@pytest.fixture
def voice(tmp_path):
    for number, name in enumerate(NUMBERS):
        values = np.random.default_rng(number).normal(size=(max(NUMBERS[name]), 3))
        write_file(tmp_path / "voice" / f"{name}.npy", values)
    return tmp_path / "voice"


def test_brought_features_are_seen(own, model, voice, tmp_path):
    def values(out):
        assert predict(own, [model], tmp_path / out, "--features", f"voice={voice}") == 0
        return read_csv(tmp_path / out)

    before = values("one.csv")
    assert sorted(before["name"].unique()) == sorted(NUMBERS)
    first = sorted(NUMBERS)[0]
    np.save(voice / f"{first}.npy", 5 * np.load(voice / f"{first}.npy"))
    after = values("two.csv")
    changed = before["valence"] != after["valence"]
    assert changed[before["name"] == first].any() and not changed[before["name"] != first].any()


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ([], "expected voice, found none; give their folders with --features voice=FOLDER"),
        (["--features", "voice={}/gone"], "--features voice: expected a folder of features, found nothing"),
        (["--features", "voice={}", "--features", "ears={}"], "--features ears: expected a stream that"),
    ],
)
def test_what_is_missing_is_told_before_anything_is_computed(
    own, model, voice, tmp_path, capsys, options, said
):
    given = [option.replace("{}", str(voice)) for option in options]
    assert predict(own, [model], tmp_path / "out.csv", *given) == 1
    assert said in sentence(capsys)
    assert not (tmp_path / "out.csv").exists()


def test_a_name_without_features_and_crops_without_a_clock_are_told(own, model, voice, tmp_path, capsys):
    first = sorted(NUMBERS)[0]
    timed = write_model(tmp_path / "timed.pt", 0, brought={"voice": (3, RATE)})
    assert predict(own, [timed], tmp_path / "out.csv", "--features", f"voice={voice}") == 1
    assert "expected a container, whose time stamps say which of 25 rows a second" in sentence(capsys)
    np.save(voice / f"{first}.npy", np.zeros((4, 2)))
    assert predict(own, [model], tmp_path / "out.csv", "--features", f"voice={voice}") == 1
    assert "expected 3 values a row as in the files of other names, found 2" in sentence(capsys)
    (voice / f"{first}.npy").unlink()
    assert predict(own, [model], tmp_path / "out.csv", "--features", f"voice={voice}") == 1
    assert f"expected a file of features of {first} for the stream voice, found none" in sentence(capsys)


def test_crops_have_no_sound_which_is_told_before_anything_is_computed(own, tmp_path, capsys):
    settings = {"kind": "audio", **AUDIO_DEFAULTS, "bands": 8}
    model = write_model(tmp_path / "model.pt", 0, brought={"voice": (8, settings)})
    assert predict(own, [model], tmp_path / "out.csv") == 1
    told = sentence(capsys)
    assert "expected videos, as the models were trained on their sound (the stream voice)" in told
    assert not (tmp_path / "out.csv").exists()
    assert predict(own, [model], tmp_path / "out.csv", "--features", f"voice={tmp_path}") == 1
    assert "expected a stream that" in sentence(capsys)


def test_frames_that_training_would_leave_out_are_filled(own, voice, tmp_path):
    first = sorted(NUMBERS)[0]
    np.save(voice / f"{first}.npy", np.load(voice / f"{first}.npy")[:-1])
    sources = {}
    for missing in ("zero", "drop"):
        settings = {**BY_FRAMES, "missing": missing}
        model = write_model(tmp_path / f"{missing}.pt", 0, brought={"voice": (3, settings)})
        assert predict(own, [model], tmp_path / "out.csv", "--features", f"voice={voice}") == 0
        table = read_csv(tmp_path / "out.csv").query(f"name == '{first}' and frame == {NUMBERS[first][-1]}")
        sources[missing] = table["source"].item()
    assert sources == {"zero": "predicted", "drop": "previous"}


def test_given_models_have_the_configured_streams(model, voice):
    default = read(REPO / "config.yaml")
    sizes = {key: value for key, value in NETWORK.items() if key in default["network"]}
    config = {
        **default,
        "spatial": {**SPATIAL, "cache": "none"},
        "network": {**default["network"], **sizes},
        "training": {**default["training"], **TRAINING},
    }
    with pytest.raises(
        InputError, match=r"expected a model of the configured streams, appearance .* found .*voice"
    ):
        check_models([model], config)
    config["streams"] = {**config["streams"], "voice": {**BY_FRAMES, "folder": str(voice)}}
    assert "spatial features from random weights" in check_models([model], config)


def test_models_without_a_backbone_say_what_they_were_trained_on(own, tmp_path, capsys):
    model = write_model(tmp_path / "model.pt", 0, demo=True, without="appearance")
    assert predict(own, [model], tmp_path / "out.csv") == 0
    said = capsys.readouterr().err
    assert said.count("What these models predict: trained on the rendered demo corpus") == 1
    assert "random weights" not in said and len(read_csv(tmp_path / "out.csv"))
