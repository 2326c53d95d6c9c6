import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mimamo.audit.batches import audit_batch, audit_table
from mimamo.audit.survey import subsets
from mimamo.corpus.annotations import Annotations
from mimamo.dataset.labels import SUMMARY_COLUMNS, filter_labels, summarise, write_labels
from mimamo.storage.files import read_csv
from support.corpus import DATA, corpus_at, make_folders, write_annotation, write_crops, write_text
from support.strategies import ANNOTATED


def annotations_of(values):
    values = np.array(values, dtype=float).reshape(-1, 2)
    return Annotations(values[:, 0], values[:, 1], (values != -5).all(axis=1), [])


def test_frames_are_matched_by_number_not_by_order():
    annotations = annotations_of([(0.1, 0.2), (-5, 0), (0.3, 0.4), (0.5, 0.6), (0.7, -5), (0.8, 0.9)])
    labels = filter_labels(annotations, np.array([2, 3, 4, 5, 6, 7, 9]))
    assert labels.to_dict("list") == {
        "frame": [3, 4, 6],
        "valence": [0.3, 0.5, 0.8],
        "arousal": [0.4, 0.6, 0.9],
        "stretch": [1, 1, 2],
    }
    assert summarise(annotations, np.array([2, 3, 4, 5, 6, 7, 9]), labels) == {
        "crops": 7,
        "annotation_lines": 6,
        "kept": 3,
        "dropped_unannotated": 2,
        "dropped_no_crop": 1,
        "dropped_no_line": 2,
        "stretches": 2,
        "longest_stretch": 2,
        "note": "Dropped: 2 crops without annotation (-5), 1 annotated frames without crop, "
        "2 crops beyond the last line.",
    }


@given(st.lists(st.tuples(ANNOTATED, ANNOTATED), max_size=25), st.sets(st.integers(1, 30)))
def test_every_crop_and_every_line_is_accounted_for(values, crops):
    annotations, crops = annotations_of(values), np.array(sorted(crops), dtype=np.int64)
    labels = filter_labels(annotations, crops)
    counts = summarise(annotations, crops, labels)
    assert counts["crops"] == counts["kept"] + counts["dropped_unannotated"] + counts["dropped_no_line"]
    assert annotations.annotated.sum() == counts["kept"] + counts["dropped_no_crop"]
    for row in labels.itertuples():
        assert values[row.frame - 1] == (row.valence, row.arousal)
        assert row.frame in crops


@pytest.fixture
def results(tmp_path):
    root = make_folders(tmp_path / "corpus")
    write_crops(root, "105", [1, 2])
    folder = write_crops(root, "video86_1", [1, 2, 3, 5, 6])
    write_text(folder / "00002.jpg", "damaged")
    write_annotation(root, "video86_1", [(n / 10, -n / 7) for n in range(5)])
    write_crops(root, "7", [2])
    write_annotation(root, "7", [(-5, -5), (1, -1)], "validation")
    write_annotation(root, "8", [(0, 0)], "validation")
    # Said, since the crops of video86_1 reach one frame beyond its lines.
    data = {**DATA, "first_frame": 1}
    names, folder = ["105", "7", "8", "video86_1"], tmp_path / "names"
    audit_batch(dict.fromkeys(names, "as given"), subsets(corpus_at(root)), data, str(root), True, folder)
    audit_table(names, folder, data, str(root), tmp_path / "audit.csv", tmp_path / "frames.csv")
    return tmp_path


def write(results):
    write_labels(
        results / "audit.csv",
        results / "frames.csv",
        DATA,
        str(results / "corpus"),
        results / "labels",
        results / "labels_summary.csv",
    )


def test_labels_of_usable_names_only(results):
    write(results)
    assert sorted(path.name for path in (results / "labels").iterdir()) == ["7.csv", "video86_1.csv"]
    assert (results / "labels" / "video86_1.csv").read_text() == (
        "frame,valence,arousal,stretch\n"
        "1,0.000000,0.000000,1\n"
        "3,0.200000,-0.285714,2\n"
        "5,0.400000,-0.571429,3\n"
    )
    assert (
        results / "labels" / "7.csv"
    ).read_text() == "frame,valence,arousal,stretch\n2,1.000000,-1.000000,1\n"


def test_summary_has_every_annotated_name(results):
    write(results)
    table = read_csv(results / "labels_summary.csv")
    assert table.columns.tolist() == SUMMARY_COLUMNS
    assert table.drop(columns="note").values.tolist() == [
        ["7", "validation", 1, 2, 1, 0, 0, 0, 1, 1],
        ["8", "validation", 0, 1, 0, 0, 0, 0, 0, 0],
        ["video86_1", "train", 4, 5, 3, 0, 2, 1, 3, 1],
    ]
    assert pd.isna(table["note"][0])
    assert table["note"][1].startswith("Unusable: 8: expected a folder of crops in cropped_aligned")


def test_the_verdict_is_obeyed(results):
    table = read_csv(results / "audit.csv")
    table.loc[table["name"] == "7", "verdict"] = "unusable"
    table.to_csv(results / "audit.csv", index=False)
    write(results)
    assert [path.name for path in (results / "labels").iterdir()] == ["video86_1.csv"]


def test_an_unparsed_annotation_leaves_the_counts_empty(results):
    write_text(results / "corpus" / DATA["validation"] / "8.txt", "no header\n")
    table = read_csv(results / "audit.csv")
    table.loc[table["name"] == "8", "annotation_lines"] = None
    table.to_csv(results / "audit.csv", index=False)
    write(results)
    assert read_csv(results / "labels_summary.csv")["annotation_lines"].isna().tolist() == [
        False,
        True,
        False,
    ]


def test_writing_again_replaces_the_folder(results):
    write(results)
    before = (results / "labels_summary.csv").read_bytes()
    write_text(results / "labels" / "old.csv", "")
    write(results)
    assert not (results / "labels" / "old.csv").exists()
    assert (results / "labels_summary.csv").read_bytes() == before
