"""Sound of the containers: what is there of a name, and of all names."""

import numpy as np
import pytest

from mimamo.audit.batches import audit_batch, audit_table
from mimamo.audit.list_checks import Lists
from mimamo.audit.name_checks import audit_name
from mimamo.audit.survey import survey
from mimamo.errors import InputError
from mimamo.streams import AUDIO_DEFAULTS
from support.bad_corpora.case import FRAMES, NEIGHBOURS, SETTINGS, VICTIM, good_corpus
from support.brought import corpus_with
from support.doctor import diagnose
from support.sounds import noise, write_heard

NAMES = {VICTIM: "train", **NEIGHBOURS}
VOICE = {"kind": "audio", **AUDIO_DEFAULTS}


@pytest.fixture
def root(tmp_path):
    """A data set without fault, whose videos have sound."""
    good_corpus(tmp_path / "corpus")
    for number, name in enumerate(NAMES):
        heard(tmp_path / "corpus", name, noise(0.5, number))
    return tmp_path / "corpus"


def heard(root, name, *pieces):
    """Give a name a video with sound, one piece from the first frame on; or without any."""
    write_heard(root / "batch1" / f"{name}.mp4", [(0.0, p) for p in pieces], frames=FRAMES, codec="aac")


def report(root, decode=True, **streams):
    corpus = corpus_with(root, **(streams or {"voice": VOICE}))
    return audit_name(corpus, VICTIM, NAMES[VICTIM], Lists.read(corpus), decode)


def sentences(found) -> str:
    return " ".join(symptom.sentence for symptom in found.symptoms)


def test_sound_at_all_frames_is_nothing_to_speak_of(root):
    found = report(root)
    assert found.verdict == "ok" and not found.symptoms and found.sound is True
    assert not survey(corpus_with(root, voice=VOICE)).symptoms


def test_without_a_stream_of_sound_nobody_looks_for_it(root):
    heard(root, VICTIM)
    brought = report(root, motion={"kind": "phase"})
    assert brought.sound is None and not brought.symptoms


@pytest.mark.parametrize("decode", [True, False])
def test_a_name_without_sound_is_masked_and_told(root, decode):
    heard(root, VICTIM)
    found = report(root, decode)
    assert found.verdict == "repaired" and found.sound is False and len(found.frames) == FRAMES
    assert (
        "7.mp4: expected sound for streams.voice, found none in it; the stream is masked in all of its "
        "frames; get the file with its sound." in sentences(found)
    )
    (root / "batch1" / f"{VICTIM}.mp4").unlink()
    found = report(root, decode)
    assert found.sound is False and "for streams.voice, found no container; the stream is" in sentences(found)
    (root / "batch1" / f"{VICTIM}.mp4").write_text("no video")
    found = report(root, decode)
    assert found.sound is False and "found a file that cannot be read as one" in sentences(found)
    assert "the stream is masked in all of its frames" in sentences(found) and found.verdict == "repaired"


def test_silence_and_frames_without_sound_are_told(root):
    heard(root, VICTIM, np.zeros(8000))
    found = report(root)
    assert found.verdict == "ok" and found.sound is True
    assert "found silence alone; each of its values is -100 dB" in sentences(found)
    assert "silence" not in sentences(report(root, decode=False))
    (root / "batch1" / f"{VICTIM}.mp4").unlink()
    write_heard(root / "batch1" / f"{VICTIM}.mkv", [(0.05, noise(0.5))], frames=FRAMES)
    found = report(root)
    assert found.verdict == "repaired" and found.symptoms[-1].frames == (1, 2)
    assert "expected sound at each of 6 frames with a crop, found none at 2; the stream is" in sentences(
        found
    )


def test_without_any_container_a_run_does_not_begin(root):
    for path in (root / "batch1").iterdir():
        path.unlink()
    found = survey(corpus_with(root, voice=VOICE))
    with pytest.raises(InputError, match=r"streams\.voice: expected containers.*found none of 4 names"):
        found.refuse()
    assert not survey(corpus_with(root, motion={"kind": "phase"})).blocking()


def test_videos_of_which_none_has_sound_stop_a_run_before_training_and_the_doctor_says_so(root, tmp_path):
    def tables(folder):
        audit_batch(dict.fromkeys(NAMES, "k"), NAMES, SETTINGS, str(root), True, folder, streams=streams)
        out = {"table_csv": tmp_path / "audit.csv", "frames_csv": tmp_path / "frames.csv"}
        audit_table(NAMES, folder, SETTINGS, str(root), **out)

    streams = {"voice": VOICE}
    for name in list(NAMES)[1:]:
        heard(root, name)
    tables(tmp_path / "one has sound")
    heard(root, VICTIM)
    with pytest.raises(
        InputError, match="expected a video with sound for a stream of kind audio, found none"
    ):
        tables(tmp_path / "none has sound")
    found = diagnose(root, tmp_path / "results", SETTINGS, streams=streams)
    assert any("found none of 4 names" in sentence for sentence in found.said(""))
    assert any("expected sound for streams.voice" in sentence for sentence in found.said(VICTIM))
