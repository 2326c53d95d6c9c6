"""The sound of rendered videos: what it follows, and that it changes no picture."""

import av
import numpy as np
import pytest

from mimamo.demo.cast import CAST
from mimamo.demo.render import write_container
from mimamo.demo.sound import CODECS, SAMPLE_RATE, add_sound, soundtrack
from mimamo.sound.decoding import read_sound
from support.demo import CLIPS, DEFAULT, course_of

FRAMES = 25


def loudness(samples: np.ndarray, frames: int) -> np.ndarray:
    """Return the loudness of each frame of a video in decibels."""
    return np.array([20 * np.log10(part.astype(float).std()) for part in np.array_split(samples, frames)])


def test_loudness_swings_and_follows_no_label():
    shared = {"valence": [], "arousal": []}
    for number, clip in enumerate(CAST[:16]):
        course, frames = course_of(clip, DEFAULT), clip.frames(DEFAULT)
        heard = loudness(soundtrack(np.random.default_rng(number), frames), frames)
        assert np.ptp(heard) > 12
        for dimension, found in shared.items():
            found.append(np.corrcoef(heard, getattr(course, dimension))[0, 1])
    # What two slow traces share by chance goes either way.
    assert all(abs(np.mean(found)) < 0.25 for found in shared.values())


@pytest.mark.parametrize("suffix", CODECS)
def test_pictures_are_copied_as_they_are(tmp_path, suffix):
    pictures = np.random.default_rng(0).integers(0, 255, (FRAMES, 48, 64, 3), dtype=np.uint8)
    path = tmp_path / f"film{suffix}"

    def packets() -> list[tuple[bytes, int]]:
        with av.open(str(path)) as film:
            return [(bytes(packet), packet.pts) for packet in film.demux(video=0) if packet.size]

    write_container(path, pictures)
    before, samples = packets(), soundtrack(np.random.default_rng(1), FRAMES)
    add_sound(path, samples)
    assert packets() == before and len(before) == FRAMES
    (stretch,) = read_sound(path, SAMPLE_RATE)
    assert stretch.start == pytest.approx(0, abs=1e-3)
    heard, wanted = (loudness(sound[: len(samples)], 10) for sound in (stretch.samples, samples / 32767))
    np.testing.assert_allclose(heard, wanted, atol=1.5)
    assert sorted(tmp_path.iterdir()) == [path]


def test_one_video_has_no_sound_and_one_is_silent():
    assert [clip.name for clip in CLIPS.values() if clip.sound == "none"] == ["130-30-160x120"]
    assert [clip.name for clip in CLIPS.values() if clip.sound == "silent"] == ["video58"]
