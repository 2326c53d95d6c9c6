"""Features that somebody brings: each fault of a file, of a folder and of all names in a sentence."""

import numpy as np
import pytest

from mimamo.audit.batches import audit_batch, audit_table
from mimamo.audit.brought_checks import brought_symptoms
from mimamo.audit.brought_survey import survey_brought
from mimamo.audit.list_checks import Lists
from mimamo.audit.name_checks import audit_name
from mimamo.audit.survey import survey
from mimamo.errors import InputError
from support.bad_corpora.case import FRAMES, NEIGHBOURS, SETTINGS, VICTIM, good_corpus
from support.brought import corpus_with, stream, write_file
from support.corpus import write_video
from support.doctor import diagnose

WIDTH = 3
NAMES = {VICTIM: "train", **NEIGHBOURS}


@pytest.fixture
def root(tmp_path):
    """A data set without fault, and a file of features for each name beside it."""
    good_corpus(tmp_path / "corpus")
    for number, name in enumerate(NAMES):
        values = np.random.default_rng(number).normal(size=(FRAMES, WIDTH))
        write_file(tmp_path / "voice" / f"{name}.npy", values)
    return tmp_path / "corpus"


def voice(root):
    return root.parent / "voice"


def values_of(root, name=VICTIM):
    return np.load(voice(root) / f"{name}.npy")


def report(root, name=VICTIM, **settings):
    """Audit a name."""
    corpus = corpus_with(root, voice=stream(voice(root), **settings))
    return audit_name(corpus, name, NAMES[name], Lists.read(corpus), decode=True)


def sentences(found) -> str:
    return " ".join(symptom.sentence for symptom in found.symptoms)


def test_good_features_are_nothing_to_speak_of(root):
    found = report(root)
    assert found.verdict == "ok" and not found.symptoms
    assert found.brought["voice"] == {"file": "7.npy", "rows": FRAMES, "width": WIDTH, "constant": []}
    assert not survey_brought(corpus_with(root, voice=stream(voice(root))), NAMES)


def spoilt(change):
    """Return a function that changes the victim's values."""

    def spoil(root):
        values = values_of(root)
        np.save(voice(root) / f"{VICTIM}.npy", change(values))

    return spoil


def put(row: int, value: float):
    """Return a change of one value."""

    def change(values):
        values[row, 1] = value
        return values

    return spoilt(change)


@pytest.mark.parametrize(
    ("spoil", "verdict", "said"),
    [
        (put(2, np.nan), "repaired", "NaN or infinite values in 1 of 6 rows, the first row 2 counted from 0"),
        (put(0, np.inf), "repaired", "NaN or infinite values in 1 of 6 rows, the first row 0"),
        (put(2, 1e6), "unusable", "values of at most 65504, found 1e+06; the name is not used; scale"),
        (spoilt(lambda v: v[:4]), "repaired", "a row for each of 6 frames with a crop, found none for 2"),
        (spoilt(lambda v: v.reshape(-1)), "unusable", "found an array of the shape 18"),
        (spoilt(lambda v: v.astype(str)), "unusable", "found values of the type <U32"),
        (spoilt(lambda v: np.ones_like(v)), "repaired", "from frame to frame, found the same in all rows"),
        (spoilt(lambda v: np.full_like(v, np.nan)), "unusable", "the 6 frames of 7 with a crop, found none"),
        (lambda root: (voice(root) / "7.npy").write_bytes(b"x"), "unusable", "one that cannot be read"),
        (lambda root: (voice(root) / "7.npy").unlink(), "repaired", "a file of features of 7 for"),
        (
            lambda root: write_file(voice(root) / "7.npz", values_of(root)),
            "unusable", "expected one file of features of 7, found also '7.npz'",
        ),
    ],
)  # fmt: skip
def test_a_fault_of_a_file_is_told_and_harms_no_other_name(root, spoil, verdict, said):
    spoil(root)
    found = report(root)
    assert said in sentences(found) and found.verdict == verdict, sentences(found)
    assert report(root, "video9").verdict == "ok"


def test_frames_without_a_row_are_masked_or_left_out(root):
    spoilt(lambda values: values[:4])(root)
    masked, held, dropped = report(root), report(root, hold=2), report(root, missing="drop")
    assert masked.frames == held.frames == [1, 2, 3, 4, 5, 6] and dropped.frames == [1, 2, 3, 4]
    assert not held.symptoms and dropped.cells["crops"] == 4 and dropped.symptoms[0].frames == (5, 6)
    assert "the stream is masked in them" in sentences(masked)
    assert "these frames are left out" in sentences(dropped)
    (voice(root) / f"{VICTIM}.npy").unlink()
    assert report(root, missing="drop").verdict == "unusable"


def test_more_rows_than_frames_are_told_where_the_length_is_known(root):
    spoilt(lambda values: np.concatenate([values, values]))(root)
    assert report(root).verdict == "ok"
    write_video(root / "batch1" / f"{VICTIM}.mp4", FRAMES)
    assert "expected rows of the 6 frames of 7, found 6 beyond them; left out" in sentences(report(root))


def test_files_folders_and_clocks_are_looked_at_before_any_job(root):
    def said(**settings) -> list[tuple[str, str]]:
        corpus = corpus_with(root, voice=stream(voice(root), **settings))
        return [(symptom.severity, symptom.sentence) for symptom in survey(corpus).symptoms]

    write_file(voice(root) / "nobody.npy", np.zeros((2, 2)))
    ((severity, sentence),) = said()
    assert severity == "note" and "found 1 other thing such as 'nobody.npy'; left out" in sentence
    (voice(root) / "nobody.npy").unlink()
    rate = {"rate": 25.0, "offset": 0.0, "pick": "nearest"}
    ((severity, sentence),) = said(rows=rate)
    assert severity == "fault" and "found none of 4 names such as '105'" in sentence
    assert said(rows={**rate, "fps": 30}) == []
    for path in voice(root).iterdir():
        path.rename(path.with_name(f"other_{path.name}"))
    assert "expected a file of features called as each name" in said()[0][1]
    voice(root).rename(root.parent / "elsewhere")
    assert "expected a folder of features, found nothing there" in said()[0][1]


def test_widths_and_constant_columns_are_compared_over_all_names():
    def of(width, *constant):
        return {
            "voice": {"file": "x.npy", "rows": 3, "width": width, "constant": [list(c) for c in constant]}
        }

    (fault,) = brought_symptoms({"a": of(3), "b": of(3), "c": of(4)})
    assert fault.severity == "fault"
    assert "found 3 in most files and 4 in 'x.npy' (c)" in fault.sentence
    (note,) = brought_symptoms({"a": of(3, (1, 0.0), (2, 5.0)), "b": of(3, (1, 0.0), (2, 6.0))})
    assert note.severity == "note" and "1 column with one value in all files (1, counted" in note.sentence
    assert not brought_symptoms({"a": {}, "b": of(3)})


def test_features_of_another_width_stop_a_run_before_training_and_the_doctor_says_so(root, tmp_path):
    np.save(voice(root) / "105.npy", np.random.default_rng(0).normal(size=(FRAMES, WIDTH + 1)))
    streams, records = {"voice": stream(voice(root))}, tmp_path / "records"
    audit_batch(dict.fromkeys(NAMES, "k"), NAMES, SETTINGS, str(root), True, records, streams=streams)
    tables = {"table_csv": tmp_path / "audit.csv", "frames_csv": tmp_path / "frames.csv"}
    with pytest.raises(InputError, match=r"streams\.voice: expected as many values a row for all names"):
        audit_table(NAMES, records, SETTINGS, str(root), **tables)
    found = diagnose(root, tmp_path / "results", SETTINGS, streams=streams)
    assert any("found 3 in most files and 4 in '105.npy'" in sentence for sentence in found.said(""))
