"""What must hold whatever the data: reading annotations, lengths, windows and scores, submissions."""

import math
import tempfile
from collections import Counter
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mimamo.audit.symptoms import Symptom
from mimamo.corpus.annotations import AnnotationError, read_annotations
from mimamo.corpus.lengths import video_length
from mimamo.dataset.windows import cut_windows, window_starts
from mimamo.errors import InputError
from mimamo.evaluation.scores import out_of_fold, score_row
from mimamo.storage.files import write_csv
from mimamo.submission.bundle import open_bundle
from mimamo.submission.parse import is_single, read_per_video, read_single
from mimamo.submission.validate import validate
from mimamo.submission.write import write_archive, write_per_video, write_single

# Each example writes files, which takes longer on some disks than on others.
slow = settings(deadline=None, max_examples=40, suppress_health_check=[HealthCheck.too_slow])

GOOD = st.tuples(*[st.one_of(st.just(-5.0), st.floats(-1, 1))] * 2).map(lambda row: f"{row[0]!r},{row[1]!r}")
BAD = st.sampled_from(
    ["0.1", "0.1,", ",", "nan,0", "0,inf", "1.01,0", "0;0", "0\t0", "0,0,0", "a,b", "-4,0", "0,1e3", "0 0"]
)
FRAMES = st.sets(st.integers(1, 60), min_size=1).map(lambda frames: np.array(sorted(frames)))


def write(content: bytes) -> Path:
    path = Path(tempfile.gettempdir()) / "annotation.txt"
    path.write_bytes(content)
    return path


@pytest.fixture(autouse=True)
def own_folder(tmp_path, monkeypatch):
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))


fixture_is_fine = settings(slow, suppress_health_check=list(HealthCheck))


# Annotations ----------------------------------------------------------------------------------------------


@fixture_is_fine
@given(st.lists(st.one_of(GOOD, BAD), min_size=1, max_size=20))
def test_the_bad_lines_of_an_annotation_are_named_and_no_others(rows):
    path = write("\n".join(["valence,arousal", *rows, ""]).encode())
    bad = tuple(frame for frame, row in enumerate(rows, start=1) if not _is_good(row))
    if not bad:
        assert len(read_annotations(path)) == len(rows)
        return
    with pytest.raises(AnnotationError) as error:
        read_annotations(path)
    assert error.value.frames == bad
    symptom = Symptom.of_error("", "fault", error.value)
    assert symptom.wrong.startswith(f"{path}, line {bad[0] + 1}: expected ")
    assert ", found " in symptom.wrong and symptom.remedy


def _is_good(row: str) -> bool:
    """Judge a line in another way than the reader does."""
    try:
        values = [float(value) for value in row.split(",")]
    except ValueError:
        return False
    return len(values) == 2 and all(value == -5 or -1 <= value <= 1 for value in values)


@fixture_is_fine
@given(
    st.one_of(
        st.binary(max_size=80), st.text(max_size=60).map(lambda text: f"valence,arousal\n{text}".encode())
    )
)
def test_any_file_is_an_annotation_or_is_told_in_one_sentence(content):
    path = write(content)
    try:
        found = read_annotations(path)
    except InputError as error:
        told = str(error)
        assert told.startswith(str(path)) and "expected " in told and "found " in told and told.endswith(".")
        assert "\n" not in told
    else:
        values = np.concatenate([found.valence, found.arousal])
        assert ((np.abs(values) <= 1) | (values == -5)).all()


# Lengths --------------------------------------------------------------------------------------------------


KNOWN = st.one_of(st.none(), st.integers(0, 50))


@given(KNOWN, KNOWN, KNOWN, KNOWN, st.integers(0, 50), st.integers(0, 50))
def test_a_length_reaches_all_that_is_there_and_has_one_source(sample, frames, decoded, said, crop, lines):
    found = video_length(
        sample_list=sample,
        frame_list=frames,
        decoded=decoded,
        said=said,
        highest_crop=crop,
        annotation_lines=lines,
    )
    told = {"sample_list": sample, "frame_list": frames, "decoded": decoded, "container": said and said + 1}
    known = {source: length for source, length in told.items() if length}
    assert found.frames >= max(crop, lines)
    assert (found.frames == 0) == (found.source == "")
    if found.source in known:
        assert found.source == next(iter(known)) and found.frames == known[found.source]
    elif found.source:
        assert found.frames == {"crops": crop, "annotations": lines}[found.source]
        assert all(found.frames > length for length in list(known.values())[:1])


# Windows and scores ---------------------------------------------------------------------------------------


@given(FRAMES, st.integers(1, 20), st.data())
def test_every_labelled_frame_is_in_a_window_and_no_window_twice(frames, window, data):
    hop = data.draw(st.integers(1, window))
    cuts = cut_windows("a", frames, window, hop)
    inside = Counter(frame for cut in cuts for frame in range(cut.first, cut.first + cut.frames))
    assert set(inside) == set(frames.tolist())
    assert len({cut.first for cut in cuts}) == len(cuts)
    # No more windows hold a frame than start within a window's length before it, and the last of its stretch.
    assert max(inside.values()) <= math.ceil(window / hop) + 1


@given(st.integers(1, 80), st.integers(1, 20), st.data())
def test_windows_of_a_stretch_stay_within_it(length, window, data):
    starts = window_starts(length, window, data.draw(st.integers(1, window)))
    assert starts[0] == 0 and all(0 <= start <= max(length - window, 0) for start in starts)


@fixture_is_fine
@given(st.dictionaries(st.sampled_from("abcd"), FRAMES, min_size=1), st.integers(0, 2**32 - 1), st.booleans())
def test_a_labelled_frame_is_scored_exactly_once(labelled, seed, twice):
    folder = Path(tempfile.mkdtemp())
    rng = np.random.default_rng(seed)
    files = [folder / f"fold{fold}.csv" for fold in (0, 1)]
    rows = {0: [], 1: []}
    for number, (name, frames) in enumerate(sorted(labelled.items())):
        values = rng.uniform(-1, 1, (len(frames), 2))
        table = pd.DataFrame(
            {"frame": frames, "valence": values[:, 0], "arousal": values[:, 1], "stretch": 1}
        )
        write_csv(table, folder / f"labels/{name}.csv")
        # Frames without a label are predicted as well.
        every = np.arange(1, frames.max() + 3)
        rows[number % 2] += [(name, "score", frame, 0.1, 0.2) for frame in every]
        rows[1 - number % 2] += [("t", "test", frame, 0.1, 0.2) for frame in every]
    first = sorted(labelled)[0]
    if twice:
        rows[0].append((first, "score", int(labelled[first][0]), 0.3, 0.3))
    for fold, file in enumerate(files):
        write_csv(pd.DataFrame(rows[fold], columns=["name", "role", "frame", "valence", "arousal"]), file)
    folds = [(number % 2, name, "score") for number, name in enumerate(sorted(labelled))]
    write_csv(pd.DataFrame(folds, columns=["fold", "name", "role"]), folder / "folds.csv")
    arguments = (files, folder / "labels", folder / "folds.csv")
    if twice:
        with pytest.raises(InputError, match=f"second one for {first}, frame {labelled[first][0]}"):
            out_of_fold(*arguments)
        return
    joined = out_of_fold(*arguments)
    expected = [(name, frame) for name in sorted(labelled) for frame in labelled[name].tolist()]
    assert list(zip(joined["name"], joined["frame"], strict=True)) == expected
    assert score_row("pooled", "all", joined)["frames"] == len(expected)


# Submissions ----------------------------------------------------------------------------------------------

NAMES = st.from_regex(r"[A-Za-z0-9é][A-Za-z0-9é_ -]{0,8}[A-Za-z0-9]", fullmatch=True)
PAIRS = st.lists(
    st.one_of(st.just((-5.0, -5.0)), st.tuples(st.floats(-1, 1), st.floats(-1, 1))), min_size=1, max_size=12
)


@fixture_is_fine
@given(st.dictionaries(NAMES, PAIRS, min_size=1, max_size=4))
def test_a_submission_that_is_written_is_valid_and_read_back(videos):
    folder = Path(tempfile.mkdtemp())
    rows = [(name, f, *pair) for name, pairs in videos.items() for f, pair in enumerate(pairs, start=1)]
    # The order of the rows must not matter.
    table = pd.DataFrame(rows[::-1], columns=["name", "frame", "valence", "arousal"])
    write_per_video(table, videos, folder / "per_video")
    write_single(table, folder / "predictions.txt")
    write_archive(folder / "per_video", folder / "predictions.txt", folder / "submission.zip")
    lengths = {name: len(pairs) for name, pairs in videos.items()}
    assert validate(folder / "submission.zip", lengths).problems == []
    one_less = lengths | {next(iter(lengths)): lengths[next(iter(lengths))] + 1}
    assert not validate(folder / "submission.zip", one_less).valid
    found = []
    with open_bundle(folder / "submission.zip") as bundle:
        for text in bundle.texts:
            name = Path(text.place.rpartition("/")[2]).stem
            found += [*(read_single(text)[0].items() if is_single(text) else [(name, read_per_video(text))])]
    assert sorted(name for name, _ in found) == sorted([*videos, *videos])
    for name, reading in found:
        read = np.column_stack([reading.valence, reading.arousal])
        np.testing.assert_allclose(read, np.array(videos[name]), atol=5.1e-7)
        assert reading.missing.tolist() == [pair == (-5.0, -5.0) for pair in videos[name]]
