import re

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mimamo.ensembles.external import OUT_OF_FOLD, TEST, read_external, take_external
from mimamo.ensembles.members import combine_out_of_fold
from mimamo.errors import InputError
from mimamo.evaluation.scores import out_of_fold
from mimamo.postprocessing.ensemble import read_folds
from mimamo.storage.files import read_csv
from support.ensembles import VALUES, external_text, noisy, write_member
from support.predictions import FOLDS, LENGTH

SUBSETS = {"n00": "train", "v0": "validation", "t0": "test", "t1": "test"}
ROWS = ["n00,1,0.5,-0.25", "n00,3,0.5,1", "v0,7,-1,.5e-1"]


def refused(tmp_path, text, kind=OUT_OF_FOLD, needed=()):
    """Give what is said of a file, without its path."""
    path = tmp_path / "theirs.csv"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    with pytest.raises(InputError) as caught:
        read_external(path, kind, SUBSETS, needed)
    return str(caught.value).replace(str(path), "FILE")


def text(*rows, header="name,frame,valence,arousal"):
    return "\n".join([header, *rows]) + "\n"


def test_rows_are_read_in_the_order_of_names_and_frames(tmp_path):
    path = tmp_path / "theirs.csv"
    path.write_text(text(ROWS[2], ROWS[1], ROWS[0]))
    table = read_external(path, OUT_OF_FOLD, SUBSETS, ["n00", "v0"])
    assert table["name"].tolist() == ["n00", "n00", "v0"] and table["frame"].tolist() == [1, 3, 7]
    assert table["line"].tolist() == [4, 3, 2] and table["arousal"].tolist() == [-0.25, 1.0, 0.05]


@pytest.mark.parametrize(
    ("rows", "said"),
    [
        (["n00,1,0.5"], "FILE, line 2: expected name,frame,valence,arousal, found 'n00,1,0.5'"),
        (["n01,1,0,0"], "FILE, line 2: expected a name of the data set, found 'n01'"),
        (["N00,1,0,0"], "FILE, line 2: expected a name of the data set, found 'N00'; n00 is probably meant"),
        (
            ["t0,1,0,0"],
            "line 2: expected only names with labels, found 't0', which belongs into the",
        ),
        (["n00,0,0,0"], "FILE, line 2: expected the number of a frame, from 1 on, found '0'"),
        (["n00,1.0,0,0"], "FILE, line 2: expected the number of a frame, from 1 on, found '1.0'"),
        (
            [*ROWS, ROWS[0]],
            "line 5: expected every frame once, found 'n00' frame 1, which line 2 has",
        ),
        (["n00,1,nan,0"], "FILE, line 2: expected a number, found 'nan'"),
        (["n00,1,,0"], "FILE, line 2: expected a number, found ''"),
        (["n00,1,inf,0"], "FILE, line 2: expected a number, found 'inf'"),
        (["n00,1,0,1.01"], "FILE, line 2: expected arousal in [-1, 1], found 1.01; leave out frames without"),
        (["n00,1,-5,-5"], "FILE, line 2: expected valence in [-1, 1], found -5; leave out frames without"),
        (["n00,1,0,0", "", "n00,2,0,0"], "FILE, line 3: expected values, found a blank line"),
    ],
)
def test_a_fault_is_told_with_its_line(tmp_path, rows, said):
    assert said in refused(tmp_path, text(*rows))


def test_faults_of_the_file_as_a_whole_are_told(tmp_path):
    assert "line 1: expected the header name,frame,valence,arousal, found 'name,frame,v,a'" in refused(
        tmp_path, text(*ROWS, header="name,frame,v,a")
    )
    assert "expected the columns in the order" in refused(
        tmp_path, text(*ROWS, header="name,frame,arousal,valence")
    )
    assert "found an empty file" in refused(tmp_path, "")
    assert "line 2: expected UTF-8 text" in refused(tmp_path, text("\xff").encode("latin-1"))
    assert "FILE: expected predictions of all names with labels, found none of v0; add its frames" in refused(
        tmp_path, text(ROWS[0]), needed=["n00", "v0"]
    )
    assert "found 'n00', which belongs into the file out_of_fold" in refused(tmp_path, text(ROWS[0]), TEST)
    with pytest.raises(InputError, match="found no file"):
        read_external(tmp_path / "none.csv", TEST, SUBSETS)


def test_many_faults_are_counted_and_the_first_told(tmp_path):
    said = refused(tmp_path, text(*[f"n00,{frame},2,0" for frame in range(1, 100)]))
    assert said.count("expected valence in") == 5 and said.endswith("(and 94 more problems in this file)")


@given(st.binary(max_size=200), st.sampled_from(["", "name,frame,valence,arousal\n", ROWS[0]]))
def test_any_bytes_are_read_or_refused_in_a_sentence(tmp_path_factory, content, beginning):
    path = tmp_path_factory.getbasetemp() / "any.csv"
    path.write_bytes(beginning.encode() + content)
    try:
        table = read_external(path, OUT_OF_FOLD, SUBSETS)
    except InputError as error:
        assert str(path) in str(error) and "\n" not in str(error)
    else:
        assert table[VALUES].abs().max().fillna(0).le(1).all()


# Taken over beside a run ----------------------------------------------------------------------------------


@pytest.fixture
def program(official_run, tmp_path):
    """The files of a program beside a run, and a function that takes them over."""
    paths = write_member(official_run, tmp_path / "theirs", noisy(0.4, 3))
    tables = [read_csv(path) for path in paths]
    scored = [table[table["role"] == "score"] for table in tables]
    validation = tables[0][tables[0]["role"] == "validation"]
    files = {"out_of_fold": tmp_path / "out_of_fold.csv", "test": tmp_path / "test.csv"}
    files["out_of_fold"].write_text(external_text(pd.concat([*scored, validation])))
    files["test"].write_text(external_text(tables[0][tables[0]["role"] == "test"]))
    root = official_run.labels.parent
    subsets = read_csv(root / "audit.csv").set_index("name")["subset"].to_dict()

    def take():
        out = [tmp_path / f"taken/fold{fold}.csv" for fold in range(FOLDS)]
        test = tmp_path / "taken/test.csv"
        tables = [root / "audit.csv", root / "frames.csv", official_run.labels, official_run.folds]
        take_external("theirs", files["out_of_fold"], files["test"], subsets, *tables, out, test)
        return out, test

    return files, take, paths


def test_predictions_are_taken_over_in_the_form_of_a_run(official_run, program):
    _, take, paths = program
    out, test = take()
    labels, folds = official_run.labels, official_run.folds
    pd.testing.assert_frame_equal(out_of_fold(out, labels, folds), out_of_fold(paths, labels, folds))
    first = read_folds(out, "validation")
    assert len({tuple(table[VALUES].to_numpy().ravel()) for table in first}) == 1
    pd.testing.assert_frame_equal(first[0], read_folds(paths[:1], "validation")[0])
    pd.testing.assert_frame_equal(read_folds([test], "test")[0], read_folds(paths[:1], "test")[0])


def test_they_are_a_member_beside_a_run(official_run, program, tmp_path):
    _, take, _ = program
    out, _ = take()
    members = {"configured": [official_run.predictions], "theirs": [out]}
    tables = [tmp_path / f"{table}.csv" for table in ("weights", "steps", "members")]
    combined = [tmp_path / f"combined/fold{fold}.csv" for fold in range(FOLDS)]
    combine_out_of_fold(members, official_run.labels, official_run.folds, "nnls", *tables, combined)
    weights = read_csv(tables[0]).query("member == 'theirs'")["weight"]
    assert len(weights) == 2 * (FOLDS + 1) and (weights > 0.05).all()


@pytest.mark.parametrize(
    ("kind", "dropped", "said"),
    [
        (
            "out_of_fold",
            r"n03,(40|41),",
            "every frame of n03 with a label, found none of 2, the first",
        ),
        ("out_of_fold", r"v1,", "expected predictions of all names with labels, found none of v1"),
        ("test", r"t1,160,", "every frame of t1 with a crop, found none of 1, the first frame 160"),
        ("test", r"t0,", "expected predictions of all test names, found none of t0"),
    ],
)
def test_what_is_missing_is_told(program, kind, dropped, said):
    files, take, _ = program
    lines = files[kind].read_text().splitlines(keepends=True)
    files[kind].write_text("".join(line for line in lines if not re.match(dropped, line)))
    with pytest.raises(InputError, match=re.escape(said)):
        take()


@pytest.mark.parametrize(("kind", "name"), [("out_of_fold", "n00"), ("test", "t1")])
def test_a_frame_beyond_the_end_of_its_video_is_refused(program, kind, name):
    files, take, _ = program
    with files[kind].open("a") as handle:
        handle.write(f"{name},{LENGTH + 1},0,0\n")
    number = len(files[kind].read_text().splitlines())
    with pytest.raises(InputError, match=f"line {number}: expected frames of {name} from 1 to {LENGTH}"):
        take()


def test_frames_without_a_crop_are_left_out_and_counted(program, caplog):
    files, take, _ = program
    with files["test"].open("a") as handle:
        handle.write("t0,5,0,0\n")
    _, test = take()
    assert "1 of 290 frames have no crop and are left out" in caplog.text
    assert 5 not in read_csv(test).query("name == 't0'")["frame"].tolist()
