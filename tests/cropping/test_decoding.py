"""Videos as they are: each kind is decoded in full, upright and in time, or refused in a sentence."""

import numpy as np
import pytest

from mimamo.corpus.videos import decoded_frame_count, read_header
from mimamo.cropping.decoding import decode, sample
from mimamo.errors import InputError
from support.corpus import overstate_frames, write_video
from support.videos import KINDS, scene, turn_by_metadata, write_film, write_tone


@pytest.fixture(scope="module")
def pictures() -> list[np.ndarray]:
    """Frames that get brighter, so that their order is seen."""
    return [scene(light=0.3 + 0.03 * number) for number in range(20)]


@pytest.mark.parametrize("name", KINDS)
def test_every_kind_is_decoded_in_full_and_counted_as_the_audit_counts(name, pictures, tmp_path):
    path = write_film(tmp_path / name, pictures, **KINDS[name])
    frames = list(decode(path))
    assert [frame.number for frame in frames] == list(range(1, 21))
    assert len(frames) == decoded_frame_count(path)
    assert {frame.size for frame in frames} == {(320, 240)}
    np.testing.assert_allclose([frame.time_s for frame in frames], np.arange(20) / 25, atol=0.0101)
    for frame, picture in zip(frames, pictures, strict=True):
        # Grey video has no colours, GIF has 256 that are scattered.
        difference = frame.pixels().mean(axis=2) - picture.mean(axis=2)
        assert abs(difference).mean() < 16


def test_interlaced_video_is_not_black_and_its_lines_do_not_comb(tmp_path):
    """OpenCV reads such a file as black without a word."""
    rows = np.arange(240)[:, None, None]
    moving = [np.roll(scene(), 12 * number, axis=1) for number in range(13)]
    # The odd lines are half a frame later, as in a camera that interlaces.
    woven = [
        np.where(rows % 2, np.roll(frame, 6, axis=1), frame) for frame in moving
    ]  # fmt: skip
    path = write_film(tmp_path / "woven.mpg", woven, codec="mpeg2video", interlaced=True, options={"b": "8M"})
    combed = np.mean([_comb(frame) for frame in woven])
    found = [frame.pixels() for frame in decode(path)]
    assert len(found) == 13 and min(frame.mean() for frame in found) > 60
    assert np.mean([_comb(frame) for frame in found]) < 0.5 * combed


def _comb(frame: np.ndarray) -> float:
    """How much every other line differs from those around it."""
    grey = frame.mean(axis=2)
    return float(abs(grey[1:-1] - (grey[:-2] + grey[2:]) / 2).mean())


@pytest.mark.parametrize("turns", [1, 2, 3])
def test_metadata_turn_the_picture(turns, pictures, tmp_path):
    stored = [np.rot90(picture, turns) for picture in pictures[:3]]
    path = turn_by_metadata(write_film(tmp_path / "phone.mp4", stored, options={"crf": "10"}), turns)
    frame = next(decode(path))
    assert frame.size == (320, 240)
    assert abs(frame.pixels().astype(int) - pictures[0]).mean() < 6
    assert abs(np.rot90(frame.pixels(), 2).astype(int) - pictures[0]).mean() > 12
    assert next(decode(path, quarter_turns=1)).size == (240, 320)


def test_portrait_and_reduced_frames(tmp_path):
    path = write_film(tmp_path / "portrait.mp4", [scene(size=(240, 426))] * 2)
    frame = next(decode(path))
    assert frame.size == (240, 426) and frame.reduced_size(213) == (120, 213)
    assert frame.reduced_size(1000) == (240, 426)
    assert frame.pixels((120, 213)).shape == (213, 120, 3)


def test_times_are_those_of_a_variable_frame_rate(pictures, tmp_path):
    times = np.cumsum([0.02 if number % 3 else 0.11 for number in range(20)])
    path = write_film(tmp_path / "variable.mp4", pictures, times=times)
    found = [frame.time_s for frame in decode(path)]
    np.testing.assert_allclose(found, times - times[0], atol=1e-3)


def test_a_header_that_says_more_frames_is_not_trusted(tmp_path):
    path = write_video(tmp_path / "film.avi", 9)
    overstate_frames(path, 40, 9)
    assert read_header(path).frames == 40
    assert len(list(decode(path))) == 9 == decoded_frame_count(path)


@pytest.mark.parametrize(("name", "muxing"), [("film.mkv", {}), ("film.mp4", {"movflags": "faststart"})])
def test_a_file_cut_short_with_its_index_first_gives_the_frames_there_are(name, muxing, pictures, tmp_path):
    settings = {"codec": "mjpeg", "pixels": "yuvj420p", "muxing": muxing}
    path = write_film(tmp_path / name, pictures, **settings)
    raw = path.read_bytes()
    path.write_bytes(raw[: len(raw) * 2 // 3])
    count = len(list(decode(path)))
    assert 8 <= count < 20 and count == decoded_frame_count(path)


def test_a_damaged_frame_in_the_middle_does_not_end_the_video(pictures, tmp_path):
    path = write_film(tmp_path / "film.avi", pictures, codec="mpeg4", options={"g": "1"})
    raw = bytearray(path.read_bytes())
    middle = len(raw) // 2
    raw[middle : middle + 300] = bytes(300)
    path.write_bytes(bytes(raw))
    assert len(list(decode(path))) >= 18


def test_wide_pixels_are_made_square(pictures, tmp_path):
    path = write_film(tmp_path / "wide.mp4", pictures[:4], options={"aspect": "4:3"})
    frame = next(decode(path))
    assert frame.size == (427, 240) and frame.pixels().shape == (240, 427, 3)


@pytest.mark.parametrize(
    ("name", "content", "sentence"),
    [
        ("empty.mp4", b"", "found an empty file"),
        ("text.mp4", b"This is a letter and no film.\n" * 40, "found a file that cannot be read as one"),
        ("list.mp4", b"#EXTM3U\n#EXTINF:1,\nhttp://127.0.0.1:9/x.ts\n", "expected a video, found"),
        ("other.mp4", None, "found nothing there"),
    ],
)
def test_what_is_no_video_is_refused_in_a_sentence(name, content, sentence, tmp_path):
    path = tmp_path / name
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(InputError, match=sentence) as refused:
        list(decode(path))
    assert str(refused.value).startswith(f"{path}: expected a video")
    with pytest.raises(InputError, match=sentence):
        sample(path, 4)


def test_sound_only_and_a_video_without_its_index_are_told_apart(pictures, tmp_path):
    with pytest.raises(InputError, match=r"tone\.m4a: expected a video, found sound only"):
        list(decode(write_tone(tmp_path / "tone.m4a")))
    path = write_film(tmp_path / "film.mp4", pictures)
    path.write_bytes(path.read_bytes()[:2000])
    with pytest.raises(InputError, match=r"cannot be read as one \(Invalid data.*get the whole file"):
        list(decode(path))


def test_a_video_without_frames_is_refused(pictures, tmp_path):
    path = write_film(tmp_path / "film.mkv", pictures, codec="mjpeg", pixels="yuvj420p")
    raw = path.read_bytes()
    path.write_bytes(raw[: raw.index(b"\xff\xd8\xff")])
    with pytest.raises(InputError, match="without a frame that can be decoded"):
        list(decode(path))


@pytest.mark.parametrize("name", ["h264.mp4", "moving.gif"])
def test_samples_come_from_all_over_the_video(name, pictures, tmp_path):
    settings = {**KINDS[name], **({"options": {"g": "4"}} if name == "h264.mp4" else {})}
    path = write_film(tmp_path / name, pictures, **settings)
    light = [frame.pixels().mean() for frame in sample(path, 4)]
    assert len(light) >= 3 and max(light) - min(light) > 15
