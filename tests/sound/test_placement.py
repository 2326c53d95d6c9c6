"""Which sound a frame gets: compared with plain loops."""

from fractions import Fraction

import numpy as np
import pytest

from mimamo.corpus.videos import frame_times
from mimamo.sound.decoding import Stretch, read_sound
from mimamo.sound.log_mel import log_mel
from mimamo.sound.placement import frames_with_sound, place_sound
from mimamo.streams import AUDIO_DEFAULTS
from support.sounds import SAMPLE_RATE, noise, write_heard

NTSC = Fraction(30000, 1001)


def plain(stretches, times, settings, frames):
    """The value of every frame, or None where there is no sound."""
    hop, context, found = settings["hop"], settings["context"], []
    for frame in frames:
        value = None
        for stretch in stretches:
            rows = log_mel(stretch.samples, settings)
            row = int(np.floor((times[frame - 1] - stretch.start) / hop + 0.5))
            if value is None and 0 <= row < len(rows):
                value = rows[max(0, row - (context - 1) // 2) : row + context // 2 + 1].mean(axis=0)
        found.append(value)
    return found


@pytest.mark.parametrize("context", [1, 4, 5])
def test_frames_at_2997_hz_get_the_sound_of_their_time_stamps(tmp_path, context):
    pieces = [(0.37, noise(0.6, 1)), (1.4, noise(0.5, 2))]
    path = write_heard(tmp_path / "a.mkv", pieces, frames=60, rate=NTSC, first=0.21)
    settings = {**AUDIO_DEFAULTS, "context": context}
    stretches, times = read_sound(path, SAMPLE_RATE), frame_times(path)
    assert times[0] == pytest.approx(0.21, abs=1e-3) and len(stretches) == 2
    frames = np.array([1, 2, *range(5, 57), 60])
    values, present = place_sound(stretches, times, settings, frames)
    expected = plain(stretches, times, settings, frames)
    assert present.tolist() == [value is not None for value in expected]
    assert 25 < present.sum() < 45
    for value, there, wanted in zip(values, present, expected, strict=True):
        np.testing.assert_allclose(value, wanted if there else 0.0, atol=1e-4)
    assert frames_with_sound(stretches, times, settings)[frames - 1].tolist() == present.tolist()


def test_frames_beyond_the_video_and_no_frames_have_none():
    stretches = [Stretch(0.0, noise(1.0).astype(np.float32))]
    times = np.arange(10) / 30
    values, present = place_sound(stretches, times, AUDIO_DEFAULTS, np.array([9, 10, 11]))
    assert present.tolist() == [True, True, False] and not values[2].any()
    assert place_sound(stretches, times, AUDIO_DEFAULTS, np.zeros(0, int))[0].shape == (0, 64)
    assert not place_sound([], np.zeros(0), AUDIO_DEFAULTS, np.array([1, 2]))[1].any()
    assert not frames_with_sound([], times, AUDIO_DEFAULTS).any()


def test_where_stretches_overlap_the_first_is_heard():
    loud, quiet = (noise(1.0, level=level).astype(np.float32) for level in (0.1, 0.001))
    times, frames = np.arange(45) / 30, np.arange(1, 46)
    both, present = place_sound([Stretch(0.0, loud), Stretch(0.5, quiet)], times, AUDIO_DEFAULTS, frames)
    first, of_first = place_sound([Stretch(0.0, loud)], times, AUDIO_DEFAULTS, frames)
    assert present.all() and of_first.sum() == 31
    np.testing.assert_array_equal(both[of_first], first[of_first])
