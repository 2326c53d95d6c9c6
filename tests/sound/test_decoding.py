"""Sound of containers: its times, its channels, gaps, and damage."""

import av
import numpy as np
import pytest

from mimamo.errors import InputError
from mimamo.sound.decoding import has_sound, read_sound
from support.sounds import SAMPLE_RATE, noise, tone, write_heard
from support.videos import write_tone

CONTAINERS = [
    ("mp4", "aac"),
    ("mkv", "libopus"),
    ("mkv", "pcm_s16le"),
    ("avi", "libmp3lame"),
    ("mov", "pcm_s16le"),
    ("mkv", "flac"),
]


@pytest.mark.parametrize(("suffix", "codec"), CONTAINERS)
def test_a_click_is_heard_when_it_is_shown(tmp_path, suffix, codec):
    samples = np.zeros(SAMPLE_RATE)
    samples[8000:8200] = tone(0.0125, 3000, level=0.9)
    path = write_heard(tmp_path / f"click.{suffix}", [(0.0, samples)], codec=codec)
    assert has_sound(path)
    (stretch,) = read_sound(path, 8000)
    loud = np.flatnonzero(np.abs(stretch.samples) > 0.3)
    assert stretch.samples.dtype == np.float32
    # An AVI does not say by how much an MP3 encoder is late.
    late = 0.08 if codec == "libmp3lame" else 0.003
    assert stretch.start + loud[0] / 8000 == pytest.approx(0.5, abs=late)


def test_channels_are_averaged(tmp_path):
    left, right = tone(0.5, 500), tone(0.5, 2000, level=0.25)
    path = write_heard(tmp_path / "two.mkv", [(0.0, np.stack([left, right]))])
    (stretch,) = read_sound(path, SAMPLE_RATE)
    assert len(stretch.samples) == 8000
    np.testing.assert_allclose(stretch.samples, (left + right) / 2, atol=1e-3)


def test_a_gap_of_the_time_stamps_begins_a_new_stretch(tmp_path):
    pieces = [(0.25, noise(0.5, 1)), (1.5, noise(0.25, 2))]
    path = write_heard(tmp_path / "gap.mkv", pieces, frames=60)
    found = read_sound(path, SAMPLE_RATE)
    assert [(stretch.start, len(stretch.samples)) for stretch in found] == [(0.25, 8000), (1.5, 4000)]
    for stretch, (_, samples) in zip(found, pieces, strict=True):
        np.testing.assert_allclose(stretch.samples, samples, atol=1e-3)


def test_a_video_without_sound_has_none(tmp_path):
    path = write_heard(tmp_path / "still.mp4", [])
    assert not has_sound(path) and read_sound(path, SAMPLE_RATE) == []


def test_what_is_no_video_is_told(tmp_path):
    with pytest.raises(InputError, match="expected a video, found sound only"):
        has_sound(write_tone(tmp_path / "only.mp4"))
    (tmp_path / "text.mp4").write_text("no video")
    with pytest.raises(InputError, match="expected a video, found a file that cannot be read as one"):
        read_sound(tmp_path / "text.mp4", SAMPLE_RATE)


def test_damage_costs_the_part_that_it_is_in(tmp_path):
    path = write_heard(tmp_path / "whole.mkv", [(0.0, noise(2.0))], frames=60, codec="aac")
    with av.open(str(path)) as container:
        packets = [packet for packet in container.demux(audio=0) if packet.size]
    content = path.read_bytes()
    for packet in packets[10:14]:
        data = bytes(packet)
        assert content.count(data) == 1
        content = content.replace(data, bytes(b ^ 0x5A for b in data))
    path.write_bytes(content)
    found = read_sound(path, SAMPLE_RATE)
    assert found and sum(len(stretch.samples) for stretch in found) > 1.5 * SAMPLE_RATE
