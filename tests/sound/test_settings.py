"""Settings of sound that do not go together, and what is theirs to say."""

import pytest

from mimamo.errors import ConfigError
from mimamo.sound.log_mel import mel_filters
from mimamo.sound.settings import check_audio, sound_settings
from mimamo.streams import AUDIO_DEFAULTS

VOICE = {"kind": "audio", **AUDIO_DEFAULTS}


def test_the_defaults_go_together_and_encoders_change_no_values():
    check_audio({"voice": VOICE})
    assert sound_settings({**VOICE, "width": 8, "dropout": 0.1, "components": 4}) == AUDIO_DEFAULTS


@pytest.mark.parametrize(
    ("given", "said"),
    [
        (
            {"sample_rate": 8000},
            "highest is 7500 Hz, expected at most 4000, half of sample_rate",
        ),
        ({"lowest": 7500}, "streams.voice.lowest is 7500 Hz, expected less than highest, 7500"),
        ({"hop": 0.00001}, "streams.voice.hop is 1e-05 s, expected at least one sample, 6.25e-05 s"),
        ({"hop": 0.03}, "streams.voice.hop is 0.03 s, expected at most window, 0.025 s"),
        ({"bands": 128}, "found none in band 0 from 125 to"),
        (
            {"window": 0.01, "hop": 0.005},
            "which are 62.5 Hz apart in a window of 0.01 s, found none in",
        ),
    ],
)
def test_what_does_not_go_together_is_told(given, said):
    with pytest.raises(ConfigError) as caught:
        check_audio({"voice": {**VOICE, **given}})
    assert said in str(caught.value)


@pytest.mark.parametrize("bands", range(40, 130, 7))
def test_bands_are_refused_where_one_of_them_would_hold_nothing(bands):
    settings = {**VOICE, "bands": bands}
    empty = not (mel_filters(settings).max(axis=0) > 0).all()
    try:
        check_audio({"voice": settings})
    except ConfigError:
        assert empty
    else:
        assert not empty
