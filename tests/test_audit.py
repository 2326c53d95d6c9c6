import logging
import subprocess
import sys

import cv2
import numpy as np
import pandas as pd
import pytest
from small_corpus import (
    DATA,
    corpus_at,
    make_folders,
    overstate_frames,
    write_annotation,
    write_crops,
    write_text,
    write_video,
)

from mimamo.audit.batches import audit_batch, audit_table
from mimamo.audit.name_checks import audit_name
from mimamo.audit.survey import Lists, subsets
from mimamo.audit.tables import COLUMNS, read_audit
from mimamo.corpus.crops import crop_path, list_crops, read_crop
from mimamo.corpus.lengths import Length, video_length
from mimamo.corpus.videos import decoded_frames, said_frames
from mimamo.errors import InputError

PLAIN = [(0.1, 0.2)] * 10


@pytest.fixture
def root(tmp_path):
    return make_folders(tmp_path / "corpus")


def look(root, name, subset="train", decode=True, **data):
    corpus = corpus_at(root, **data)
    return audit_name(corpus, name, subset, Lists.read(corpus), decode).row(corpus)


def test_a_name_without_fault(root):
    write_crops(root, "video86_2", [1, 2, 3, 4, 5, 6, 7, 8, 9, 10])
    write_annotation(root, "video86_2", PLAIN)
    write_video(root / "batch2" / "video86_2.mp4", 10)
    assert look(root, "video86_2") == {
        "name": "video86_2",
        "subset": "train",
        "verdict": "ok",
        "reason": "",
        "crops": 10,
        "first_crop": 1,
        "last_crop": 10,
        "holes": 0,
        "missing_start": 0,
        "unreadable": 0,
        "width": 112,
        "height": 112,
        "annotation_lines": 10,
        "unannotated": 0,
        "unannotated_runs": 0,
        "orphan_annotations": 0,
        "container": "batch2/video86_2.mp4",
        "container_frames_said": 10,
        "container_frames_decoded": 10,
        "length": 10,
        "length_source": "decoded",
        "partner": "",
        "group": "video86",
    }


def test_holes_and_runs_are_counted_and_are_no_fault(root):
    write_crops(root, "video1", [3, 4, 6, 7])
    write_annotation(root, "video1", [(-5, -5), (0, -5), (0, 0), (0, 0), (0, 0), (-5, 0), (0, 0), (0, 0)])
    row = look(root, "video1")
    counts = {key: row[key] for key in COLUMNS if COLUMNS[key] is int and "container" not in key}
    assert counts == {
        "crops": 4,
        "first_crop": 3,
        "last_crop": 7,
        "holes": 1,
        "missing_start": 2,
        "unreadable": 0,
        "width": 112,
        "height": 112,
        "annotation_lines": 8,
        "unannotated": 3,
        "unannotated_runs": 2,
        "orphan_annotations": 2,
        "length": 8,
    }
    assert (row["verdict"], row["length_source"]) == ("ok", "annotations")


def test_unreadable_crops_are_left_out(root):
    folder = write_crops(root, "video1", range(1, 7))
    write_annotation(root, "video1", PLAIN[:6])
    write_text(crop_path(folder, 2), "")
    write_text(crop_path(folder, 3), "not a picture")
    whole = crop_path(folder, 6).read_bytes()
    crop_path(folder, 6).write_bytes(whole[: len(whole) // 2])
    corpus = corpus_at(root)
    found = audit_name(corpus, "video1", "train", Lists.read(corpus), decode=True)
    assert found.frames == [1, 4, 5]
    row = found.row(corpus)
    assert (row["verdict"], row["crops"], row["unreadable"], row["holes"]) == ("repaired", 3, 3, 2)
    # The frame of an unreadable crop exists all the same.
    assert row["length"] == 6
    assert row["reason"] == (
        "3 unreadable crops, the first is cropped_aligned/video1/00002.jpg: expected a JPEG image, found an"
        " empty file; left out; fetch or cut the crop again."
    )


def test_other_things_among_the_crops_are_told(root):
    folder = write_crops(root, "video1", [1, 2])
    write_annotation(root, "video1", PLAIN[:2])
    for name in ("._00001.jpg", ".DS_Store", "1.jpg", "000003.jpg", "00000.jpg", "00004.png", "00005.JPG"):
        write_text(folder / name, "")
    (folder / "00006.jpg").mkdir()
    listing = list_crops(folder)
    assert listing.numbers == [1, 2]
    assert listing.left_out == ["00000.jpg", "000003.jpg", "00004.png", "00005.JPG", "00006.jpg", "1.jpg"]
    assert listing.padded == {"00000.jpg": 0, "000003.jpg": 3, "1.jpg": 1}
    assert listing.endings == {"00004.png": 4, "00005.JPG": 5}
    assert (listing.strangers, listing.hidden) == (["00006.jpg"], [".DS_Store", "._00001.jpg"])
    assert look(root, "video1")["verdict"] == "repaired"


def test_crops_beyond_99999_are_crops(tmp_path):
    write_text(tmp_path / "100000.jpg", "")
    write_text(tmp_path / "00001.jpg", "")
    assert list_crops(tmp_path).numbers == [1, 100000]


def test_a_crop_of_another_size_is_used_and_told(root):
    write_crops(root, "video1", [1, 2, 3])
    write_crops(root, "video1", [2], size=96)
    write_annotation(root, "video1", PLAIN[:3])
    row = look(root, "video1")
    assert (row["verdict"], row["crops"], row["width"], row["height"]) == ("repaired", 3, 112, 112)
    assert row["reason"] == (
        "cropped_aligned/video1: expected crops of 112 by 112 pixels, found 1 crop of another size, first"
        " frame"
        " 2 of 96 by 96; scaled; cut them as the others."
    )


def test_read_crop_gives_red_green_blue(tmp_path):
    image = np.zeros((112, 112, 3), np.uint8)
    image[..., 2] = 200
    assert cv2.imwrite(str(tmp_path / "00001.jpg"), image)
    found = read_crop(tmp_path / "00001.jpg")
    assert found.shape == (112, 112, 3)
    assert found.dtype == np.uint8
    assert found[50, 50, 0] > 190 and found[50, 50, 2] < 10


def test_a_grey_crop_has_three_channels(tmp_path):
    assert cv2.imwrite(str(tmp_path / "00001.jpg"), np.full((112, 112), 99, np.uint8))
    assert read_crop(tmp_path / "00001.jpg").shape == (112, 112, 3)


@pytest.mark.parametrize("side", [5000, 12000, 60000])
def test_a_huge_image_is_refused_by_its_header(tmp_path, side):
    assert cv2.imwrite(str(tmp_path / "00001.jpg"), np.zeros((112, 112, 3), np.uint8))
    raw = bytearray((tmp_path / "00001.jpg").read_bytes())
    frame = raw.index(b"\xff\xc0")
    raw[frame + 5 : frame + 9] = side.to_bytes(2, "big") * 2
    (tmp_path / "00001.jpg").write_bytes(bytes(raw))
    with pytest.raises(InputError, match=r"00001.jpg: expected an image of at most 4096 pixels a side"):
        read_crop(tmp_path / "00001.jpg")


@pytest.mark.parametrize(
    ("prepare", "reason"),
    [
        (lambda root: None, r"^video1: expected a folder of crops in cropped_aligned, found none; .*"),
        (
            lambda root: write_crops(root, "video1", []),
            r"^cropped_aligned/video1: expected crops 00001.jpg .*",
        ),
        (
            lambda root: write_text(write_crops(root, "video1", []) / "00001.jpg", "no"),
            r"^No usable crop; cropped.*1.jpg: expected .*",
        ),
    ],
)
@pytest.mark.parametrize("subset", ["train", "test"])
def test_a_name_without_usable_crops_is_unusable(root, prepare, reason, subset):
    prepare(root)
    if subset == "train":
        write_annotation(root, "video1", PLAIN)
    write_video(root / "batch1" / "video1.avi", 7)
    row = look(root, "video1", subset)
    assert row["verdict"] == "unusable"
    assert pd.Series([row["reason"]]).str.contains(reason).all(), row["reason"]
    assert (row["crops"], row["first_crop"]) == (0, None)
    assert (row["length"], row["length_source"]) == (
        (10, "annotations") if subset == "train" else (7, "decoded")
    )


def test_a_test_name_with_nothing_at_all(root):
    row = look(root, "105", "test")
    assert (row["verdict"], row["length"], row["length_source"]) == ("unusable", 0, "")
    assert row["reason"].endswith(
        "105: expected a list, container or crop that tells its length, found none; the name is not used;"
        " name"
        " its length in data.frame_list."
    )


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("arousal,valence\n0,0\n", "VA_Set/Training_Set/video1.txt, line 1: expected the header"),
        ("valence,arousal\n0,x\n", "VA_Set/Training_Set/video1.txt, line 2: expected two numbers"),
        ("valence,arousal\n", "VA_Set/Training_Set/video1.txt: expected an annotated frame that has a crop"),
        ("valence,arousal\n-5,-5\n", "VA_Set/Training_Set/video1.txt: expected an annotated frame"),
    ],
)
def test_a_name_without_usable_annotation_is_unusable(root, text, reason):
    write_crops(root, "video1", [1, 2])
    write_text(root / DATA["train"] / "video1.txt", text)
    row = look(root, "video1")
    assert row["verdict"] == "unusable"
    assert row["reason"].startswith(reason)


@pytest.mark.parametrize(
    ("lines", "done"),
    [
        (12, "the lines beyond them are left out"),
        (10, ""),
        (9, "0 crops beyond them left out"),
        (7, "1 crop beyond them left out"),
    ],
)
def test_more_or_fewer_lines_than_frames_are_told(root, lines, done):
    write_crops(root, "video1", [1, 2, 8])
    write_annotation(root, "video1", [(0, 0)] * lines)
    write_video(root / "batch1" / "video1.avi", 10)
    row = look(root, "video1")
    reason = (
        f"VA_Set/Training_Set/video1.txt: expected a line for each of 10 frames, found {lines} lines; {done};"
        " look whether annotation and video belong together."
    )
    assert row["reason"] == (reason if done else "")
    assert row["verdict"] == ("repaired" if done else "ok")
    assert row["length"] == max(lines, 10)


def test_one_line_more_than_the_header_says_is_usual(root):
    write_crops(root, "video1", [1, 2])
    write_annotation(root, "video1", [(0, 0)] * 11)
    write_video(root / "batch1" / "video1.avi", 10)
    assert look(root, "video1", decode=False)["verdict"] == "ok"
    assert look(root, "video1", decode=True)["verdict"] == "repaired"


def test_mended_annotation_files_are_told(root):
    write_crops(root, "video1", [1, 2])
    write_text(root / DATA["train"] / "video1.txt", "valence,arousal\r\n0,0\r\n0,0\r\n\r\n")
    row = look(root, "video1")
    assert row["verdict"] == "repaired"
    assert row["reason"] == (
        "VA_Set/Training_Set/video1.txt: expected plain lines of two numbers, found Windows line ends, 1"
        " blank"
        " line at the end; read all the same."
    )


def test_a_container_that_says_too_many_frames(root):
    write_crops(root, "105", [1, 2])
    path = write_video(root / "batch1" / "105.avi", 12)
    overstate_frames(path, said=13, truth=12)
    assert (said_frames(path), decoded_frames(path)) == (13, 12)
    row = look(root, "105", "test")
    assert (row["verdict"], row["length"], row["length_source"]) == ("repaired", 12, "decoded")
    assert row["reason"] == (
        "batch1/105.avi: expected the 13 frames that its header says, found 12 that can be decoded; the"
        " decoded"
        " ones count; fetch it again if it should be whole."
    )
    row = look(root, "105", "test", decode=False)
    assert (row["verdict"], row["length"], row["length_source"]) == ("ok", 14, "container")
    assert row["container_frames_decoded"] is None


def test_a_container_that_is_no_video_is_done_without(root):
    write_crops(root, "105", [1, 4])
    write_text(root / "batch1" / "105.mp4", "not a video")
    row = look(root, "105", "test")
    assert (row["verdict"], row["length"], row["length_source"]) == ("repaired", 4, "crops")
    assert row["reason"] == (
        "batch1/105.mp4: expected a video, found a file that cannot be opened as one; done without it; fetch"
        " it"
        " again. 105: expected a length that reaches its highest crop, 4, found none in any list or"
        " container;"
        " the video ends at the highest crop; name its length in data.frame_list."
    )


def test_of_two_containers_the_choice_is_told(root):
    write_crops(root, "105", [1])
    write_video(root / "batch1" / "105.avi", 5)
    write_video(root / "batch2" / "105.mp4", 6)
    row = look(root, "105", "test")
    assert (row["container"], row["length"]) == ("batch1/105.avi", 5)
    assert row["reason"] == (
        "batch1/105.avi: expected one container of 105, found also batch2/105.mp4; this one is taken; remove"
        " the"
        " others."
    )


def test_both_people_share_a_container(root):
    for name in ("video3_left", "video3_right"):
        write_crops(root, name, [2])
    write_video(root / "batch1" / "video3.mp4", 9)
    rows = [look(root, name, "test") for name in ("video3_left", "video3_right")]
    assert [(row["container"], row["length"], row["group"]) for row in rows] == [
        ("batch1/video3.mp4", 9, "video3")
    ] * 2
    assert [row["partner"] for row in rows] == ["video3_right", "video3_left"]


def test_the_damaged_real_video(root, shared):
    row = look(root, "no_face", "test", videos=[str(shared / "real" / "videos")])
    assert (row["container_frames_said"], row["container_frames_decoded"]) == (98, 95)
    assert (row["verdict"], row["length"], row["length_source"]) == ("unusable", 95, "decoded")


@pytest.mark.parametrize(
    ("known", "length"),
    [
        ({"sample_list": 9, "frame_list": 8, "decoded": 7, "said": 6}, Length(9, "sample_list")),
        ({"frame_list": 8, "decoded": 7, "said": 6}, Length(8, "frame_list")),
        ({"decoded": 7, "said": 6}, Length(7, "decoded")),
        ({"decoded": 0, "said": 6}, Length(7, "container")),
        ({"said": 6}, Length(7, "container")),
        ({"said": 0}, Length(0, "")),
        ({}, Length(0, "")),
        ({"sample_list": 9, "highest_crop": 9}, Length(9, "sample_list")),
        ({"sample_list": 9, "highest_crop": 10}, Length(10, "crops")),
        ({"said": 6, "highest_crop": 7, "annotation_lines": 8}, Length(8, "annotations")),
        ({"highest_crop": 7, "annotation_lines": 7}, Length(7, "crops")),
    ],
)
def test_precedence_of_lengths(known, length):
    assert video_length(**known) == length


def test_lengths_of_lists(root):
    write_crops(root, "105", [1, 2])
    write_video(root / "batch1" / "105.avi", 5)
    write_text(root / "frames.txt", "105 7\n")
    write_text(root / "sample.txt", "image_location\n105/00001.jpg\n105/00002.jpg\n105/00004.jpg\n")
    row = look(root, "105", "test", frame_list="frames.txt")
    assert (row["verdict"], row["length"], row["length_source"]) == ("ok", 7, "frame_list")
    row = look(root, "105", "test", frame_list="frames.txt", sample_list="sample.txt")
    assert (row["verdict"], row["length"], row["length_source"]) == ("repaired", 4, "sample_list")
    assert row["reason"].endswith(
        "sample.txt: expected 4 frames of '105', found 3; rows for all of them; see that the list is whole."
    )


def test_a_list_that_is_too_short_or_lacks_the_name(root):
    write_crops(root, "105", [1, 6])
    write_text(root / "frames.txt", "105 5\n")
    write_text(root / "sample.txt", "image_location\nvideo1/00001.jpg\n")
    row = look(root, "105", "test", frame_list="frames.txt", sample_list="sample.txt")
    assert (row["verdict"], row["length"], row["length_source"]) == ("repaired", 6, "crops")
    assert "reaches its highest crop, 6, found 5 (frame_list); the video ends" in row["reason"]
    assert "sample.txt: expected the test name '105', found no line of it; done" in row["reason"]


def run(root, out, names, strict=False, **data):
    data = {**DATA, **data}
    kinds = subsets(corpus_at(root, **data))
    for batch, part in names.items():
        tables = [out / batch / f"{table}.csv" for table in ("names", "frames", "symptoms")]
        audit_batch(part, kinds, data, str(root), True, *tables)
    audit_table([out / batch / "names.csv" for batch in names], data, str(root), out / "audit.csv", strict)


@pytest.fixture
def mixed(root):
    write_text(root / DATA["test_list"], "105\nvideo2\n")
    write_crops(root, "105", [2, 3])
    write_crops(root, "7", [1, 2])
    write_annotation(root, "7", PLAIN[:2])
    write_crops(root, "NA", [1])
    write_annotation(root, "NA", [(0, "x")], "validation")
    write_crops(root, "spare_left", [4, 6])
    return root


def test_tables_of_batches_are_joined(mixed, tmp_path, caplog):
    caplog.set_level(logging.INFO, "mimamo")
    run(mixed, tmp_path, {"001": ["7", "105"], "002": ["NA", "video2"]})
    frames = (tmp_path / "001" / "frames.csv").read_text()
    assert frames == "name,frame\n105,2\n105,3\n7,1\n7,2\n"
    table = read_audit(tmp_path / "audit.csv")
    assert table.columns.tolist() == list(COLUMNS)
    found = table[["name", "subset", "verdict", "crops"]].values.tolist()
    assert found == [
        ["105", "test", "repaired", 2],
        ["7", "train", "ok", 2],
        ["NA", "validation", "unusable", 1],
        ["spare_left", "unlisted", "unusable", 2],
        ["video2", "test", "unusable", 0],
    ]
    assert table["width"].tolist()[:2] == [112, 112]
    assert table["width"].isna().tolist() == [False, False, False, True, True]
    assert "5 names" not in caplog.text
    assert "4 names: 1 ok, 1 repaired, 2 unusable; 5 usable crops; 1 further names" in caplog.text
    warned = [record.getMessage() for record in caplog.records if record.levelname == "WARNING"]
    assert [message.split(" ")[0] for message in warned] == ["105", "NA", "video2"]
    assert "VA_Set/Validation_Set/NA.txt, line 2: expected two numbers" in warned[1]


def test_whole_numbers_are_written_as_such(mixed, tmp_path):
    run(mixed, tmp_path, {"001": ["105", "7", "NA", "video2"]})
    lines = (tmp_path / "audit.csv").read_text().splitlines()
    assert lines[2] == "7,train,ok,,2,1,2,0,0,0,112,112,2,0,0,0,,,,2,crops,,7"
    assert lines[4].startswith("spare_left,unlisted,unusable,")
    assert lines[4].endswith(",2,4,6,1,3,,,,,,,,,,,,,,spare")
    assert str(tmp_path) not in "\n".join(lines)


def test_names_are_audited_alike_alone_and_together(mixed, tmp_path):
    run(mixed, tmp_path / "one", {"001": ["105", "7", "NA", "video2"]})
    run(mixed, tmp_path / "two", {name: [name] for name in ("video2", "NA", "7", "105")})
    assert (tmp_path / "one" / "audit.csv").read_bytes() == (tmp_path / "two" / "audit.csv").read_bytes()


def test_strict_names_what_is_unusable(mixed, tmp_path):
    with pytest.raises(InputError, match=r"2 names of 4 cannot be used: NA, video2; mend them"):
        run(mixed, tmp_path, {"001": ["105", "7", "NA", "video2"]}, strict=True)
    assert not (tmp_path / "audit.csv").exists()


def test_strict_does_not_mind_folders_that_no_list_names(mixed, tmp_path):
    write_annotation(mixed, "NA", [(0, 0)], "validation")
    write_crops(mixed, "video2", [1])
    run(mixed, tmp_path, {"001": ["105", "7", "NA", "video2"]}, strict=True)
    assert len(read_audit(tmp_path / "audit.csv")) == 5


def test_a_name_of_the_sample_list_alone_is_told(mixed, tmp_path):
    rows = "".join(f"{name}/00001.jpg\n" for name in ("105", "video2", "forgotten"))
    write_text(mixed / "sample.txt", f"image_location\n{rows}")
    run(mixed, tmp_path, {"001": ["105", "7", "NA", "video2"]}, sample_list="sample.txt")
    table = read_audit(tmp_path / "audit.csv").set_index("name")
    assert table.loc["forgotten", "subset"] == "unlisted"
    assert "expected names of data.test_list, found 'forgotten'" in table.loc["forgotten", "reason"]


def test_the_audit_of_a_batch_needs_what_the_configuration_names(mixed, tmp_path):
    with pytest.raises(InputError, match=r"nowhere: expected a folder of .mp4 and .avi files"):
        run(mixed, tmp_path, {"001": ["105"]}, videos=["nowhere"])


def test_reading_verdicts_needs_no_opencv(repo):
    code = (
        "import sys, mimamo.audit.tables, mimamo.dataset.labels; print({'cv2', 'pandas'} & set(sys.modules))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=repo / "workflow", capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "set()"
