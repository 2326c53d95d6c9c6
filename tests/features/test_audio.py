"""Caches of sound: what frames with sound, in silence and without sound get."""

import json
import logging

import numpy as np

from mimamo.audit.batches import audit_batch
from mimamo.corpus.crop_naming import CropNaming
from mimamo.corpus.extraction import Crops
from mimamo.features.audio import audio_batch, audio_rows
from mimamo.sound.log_mel import SILENCE
from mimamo.storage.frame_cache import BLOCK, brought_dtype, open_cache
from mimamo.streams import AUDIO_DEFAULTS
from support.bad_corpora.case import FRAMES, NEIGHBOURS, SETTINGS, VICTIM, good_corpus
from support.sounds import noise, write_heard

VOICE = {"kind": "audio", **AUDIO_DEFAULTS, "bands": 8}
NUMBERS = np.array([1, 2, 4, 30, 31])


def rows(*containers, frames=NUMBERS):
    """The fields of all rows of a name with these frames."""
    blocks = list(audio_rows(Crops("a", None, frames, CropNaming()), containers, VOICE))
    assert all(len(numbers) <= BLOCK for numbers, _ in blocks)
    assert np.concatenate([numbers for numbers, _ in blocks]).tolist() == frames.tolist()
    return [np.concatenate([fields[key] for _, fields in blocks]) for key in ("present", "pool5")]


def test_frames_get_the_sound_and_those_beyond_it_are_masked(tmp_path):
    present, values = rows(write_heard(tmp_path / "a.mkv", [(0.0, noise(0.5))], frames=30))
    assert present.tolist() == [1, 1, 1, 0, 0] and present.dtype == np.int16
    assert values.dtype == np.float16 and values.shape == (5, 8)
    assert (values[:3] > -60).all() and not values[3:].any()


def test_silence_is_heard_as_its_value(tmp_path):
    present, values = rows(write_heard(tmp_path / "a.mkv", [(0.0, np.zeros(16000))], frames=30))
    assert present.tolist() == [1, 1, 1, 1, 0] and (values[:4] == SILENCE).all() and not values[4].any()


def test_without_sound_or_container_all_frames_are_masked_and_it_is_said(tmp_path, caplog):
    (tmp_path / "no video.mp4").write_text("text")
    places = [[write_heard(tmp_path / "a.mp4", [])], [], [tmp_path / "no video.mp4"]]
    for place, said in zip(places, ["there is no sound", "no container", "expected a video"], strict=True):
        caplog.clear()
        with caplog.at_level(logging.WARNING):
            present, values = rows(*place)
        assert not present.any() and not values.any() and values.shape == (5, 8)
        assert said in caplog.text and "masked" in caplog.text
    assert list(audio_rows(Crops("a", None, NUMBERS[:0], CropNaming()), places[0], VOICE)) == []


def test_a_long_video_comes_in_blocks(tmp_path):
    frames = np.arange(1, BLOCK + 40)
    path = write_heard(tmp_path / "a.mkv", [(0.0, noise(40.0))], frames=BLOCK + 100)
    present, values = rows(path, frames=frames)
    assert present.all() and len(np.unique(values, axis=0)) > BLOCK / 2


def test_a_batch_is_cached_with_its_records_and_only_once(tmp_path):
    root = good_corpus(tmp_path / "corpus")
    names = {VICTIM: "train", **NEIGHBOURS}
    write_heard(root / "batch1" / f"{VICTIM}.mp4", [(0.0, noise(1.0))], frames=FRAMES, codec="aac")
    audit_batch(dict.fromkeys(names, "k"), names, SETTINGS, str(root), True, tmp_path / "audit")
    folder = tmp_path / "audio/voice"
    folder.mkdir(parents=True)
    given = {"audit": tmp_path / "audit", "settings": VOICE, "data": SETTINGS, "root": str(root)}
    audio_batch(dict.fromkeys(names, "one"), **given, folder=folder, about={"rule": "audio"})
    cache = open_cache(folder / f"{VICTIM}.npy")
    assert cache.dtype == brought_dtype(8) and cache.frames.tolist() == list(range(1, FRAMES + 1))
    assert cache.values("present", cache.frames).all() and cache.is_finite()
    assert not open_cache(folder / "105.npy").values("present", cache.frames).any()
    record = json.loads((folder / f"{VICTIM}.json").read_text())
    assert record["rule"] == "audio" and record["frames"] == FRAMES and len(record["sha256"]) == 64

    before = (folder / f"{VICTIM}.npy").stat().st_mtime_ns
    audio_batch(dict.fromkeys(names, "one") | {"105": "two"}, **given, folder=folder)
    assert (folder / f"{VICTIM}.npy").stat().st_mtime_ns == before
