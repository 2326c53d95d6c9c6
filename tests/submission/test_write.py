import zipfile
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mimamo.errors import InputError
from mimamo.storage.files import read_csv, write_csv
from mimamo.submission.bundle import open_bundle
from mimamo.submission.parse import is_single, read_per_video, read_single
from mimamo.submission.validate import expected_from_gaps, validate
from mimamo.submission.write import value_text, write_archive, write_per_video, write_single
from support.strategies import PATIENT
from support.submission import LENGTHS, submit


def test_texts_have_headers_and_a_line_for_every_frame(good, stage):
    text = (good / "per_video" / "105.txt").read_bytes()
    rows = read_csv(stage / "filled.csv").query("name == '105'").sort_values("frame")
    third = rows[["valence", "arousal"]].iloc[2]
    assert text.split(b"\n")[:3] == [b"valence,arousal", b"-5,-5", b"-5,-5"]
    assert text.split(b"\n")[3].decode() == f"{third['valence']:.6f},{third['arousal']:.6f}"
    assert text.endswith(b"\n") and text.count(b"\n") == 5
    single = (good / "predictions.txt").read_text().split("\n")
    assert single[0] == "image_location,valence,arousal"
    assert single[1] == "105/00001.jpg,-5,-5" and single[5].startswith("5-60-1920x1080-1/00001.jpg,")
    assert len(single) == 1 + sum(LENGTHS.values()) + 1


def test_same_table_gives_the_same_bytes(good, stage):
    again = submit(stage, "again")
    first = {path.relative_to(good): path.read_bytes() for path in good.rglob("*") if path.is_file()}
    assert len(first) == 5
    assert first == {
        path.relative_to(again): path.read_bytes() for path in again.rglob("*") if path.is_file()
    }
    with zipfile.ZipFile(good / "submission.zip") as archive:
        names = archive.namelist()
        assert names == sorted(names) and "per_video/105.txt" in names and "predictions.txt" in names
        assert {member.date_time for member in archive.infolist()} == {(1980, 1, 1, 0, 0, 0)}


@given(st.floats(-1, 1))
def test_values_survive_to_six_decimals(value):
    text = value_text(value)
    assert abs(float(text) - value) <= 5e-7 and -1 <= float(text) <= 1
    assert value_text(-5.0) == "-5"


def test_workflow_fails_when_its_own_submission_is_not_valid(stage):
    filled = read_csv(stage / "filled.csv")
    write_csv(filled[~((filled["name"] == "105") & (filled["frame"] == 3))], stage / "filled.csv")
    with pytest.raises(InputError, match=r"submission.zip: .*found 3 problems.*105/00003"):
        submit(stage)
    check = read_csv(stage / "check.csv").set_index("name")
    assert check.loc["105", "verdict"] == "wrong" and check.loc["5-60-1920x1080-1", "verdict"] == "ok"


def test_a_name_of_unknown_length_is_refused_with_what_to_do(stage):
    gaps = pd.concat([read_csv(stage / "gaps.csv"), pd.DataFrame({"name": ["105.mp4"]})])
    write_csv(gaps.astype({"length": "Int64"}), stage / "gaps.csv")
    with pytest.raises(InputError, match=r"found none for 1 of 4, the first '105\.mp4'.* data\.test_list"):
        submit(stage)
    assert not (stage / "submission").exists()
    assert expected_from_gaps(stage / "gaps.csv")["105.mp4"] is None


def test_values_that_are_no_numbers_are_refused(stage):
    filled = read_csv(stage / "filled.csv")
    write_csv(filled.assign(arousal=filled["arousal"].where(filled["frame"] != 12)), stage / "filled.csv")
    with pytest.raises(InputError, match=r"filled\.csv: expected numbers, found none for 5-60.* frame 12"):
        submit(stage)


def test_without_test_names_nothing_is_submitted_and_the_check_says_so(good, stage):
    for table in ("filled.csv", "gaps.csv"):
        header = (stage / table).read_text().split("\n")[0]
        (stage / table).write_text(f"{header}\n")
    (good / "notes.md").write_text("mine")
    submit(stage)
    # What an earlier run wrote is no submission of this one.
    assert [path.name for path in good.iterdir()] == ["notes.md"]
    (row,) = read_csv(stage / "check.csv").to_dict("records")
    assert row["verdict"] == row["name"] == "nothing to submit" and row["lines"] == 0
    assert "no test list is configured" in row["problem"]


NAMES = st.from_regex(r"[A-Za-z0-9é][A-Za-z0-9é_ -]{0,8}[A-Za-z0-9]", fullmatch=True)
PAIRS = st.lists(
    st.one_of(st.just((-5.0, -5.0)), st.tuples(st.floats(-1, 1), st.floats(-1, 1))), min_size=1, max_size=12
)


@PATIENT
@given(st.dictionaries(NAMES, PAIRS, min_size=1, max_size=4))
def test_a_submission_that_is_written_is_valid_and_read_back(tmp_path_factory, videos):
    folder = tmp_path_factory.mktemp("written")
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
