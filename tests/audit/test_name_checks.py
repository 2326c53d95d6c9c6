import pytest

from mimamo.audit.tables import COLUMNS
from mimamo.corpus.videos import decoded_frame_count, read_header
from support.audit import PLAIN, look
from support.corpus import DATA, overstate_frames, write_annotation, write_crops, write_text, write_video


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
        "label_digest": None,
        "container": "batch2/video86_2.mp4",
        "container_frames_said": 10,
        "container_frames_decoded": 10,
        "container_rate": 25.0,
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


def test_a_test_name_with_nothing_at_all(root):
    row = look(root, "105", "test")
    assert (row["verdict"], row["length"], row["length_source"]) == ("unusable", 0, "")
    assert row["reason"].endswith(
        "105: expected a list, container or crop that gives its length, found none; the name is not used;"
        " give its length in data.frame_list."
    )


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("valence\n0\n", "VA_Set/Training_Set/video1.txt, line 1: expected the header"),
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
        (6, "1 crop beyond them left out"),
    ],
)
def test_more_or_fewer_lines_than_frames_are_told(root, lines, done):
    write_crops(root, "video1", [1, 2, 8])
    write_annotation(root, "video1", [(0, 0)] * lines)
    write_video(root / "batch1" / "video1.avi", 10)
    row = look(root, "video1")
    reason = (
        f"VA_Set/Training_Set/video1.txt: expected a line for each of 10 frames, found {lines} lines; {done};"
        " check whether annotation and video belong together."
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
        " line at the end; read anyway."
    )


def test_a_container_that_says_too_many_frames(root):
    write_crops(root, "105", range(1, 9))
    path = write_video(root / "batch1" / "105.avi", 12)
    overstate_frames(path, said=13, truth=12)
    assert (read_header(path).frames, decoded_frame_count(path)) == (13, 12)
    row = look(root, "105", "test")
    assert (row["verdict"], row["length"], row["length_source"]) == ("repaired", 12, "decoded")
    assert row["reason"] == (
        "batch1/105.avi: expected the 13 frames that its header says, found 12 that can be decoded; the"
        " decoded"
        " ones count; download it again if it should be whole."
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
        "batch1/105.mp4: expected a video, found a file that cannot be read as one (Invalid data found when"
        " processing input); the file is ignored; get the whole file. 105: expected a length that reaches its"
        " highest crop, 4, found none in any list or container;"
        " the video ends at the highest crop; give its length in data.frame_list."
    )


def test_of_two_containers_the_choice_is_told(root):
    write_crops(root, "105", [1, 2, 3])
    write_video(root / "batch1" / "105.avi", 5)
    write_video(root / "batch2" / "105.mp4", 6)
    row = look(root, "105", "test")
    assert (row["container"], row["length"]) == ("batch1/105.avi", 5)
    assert row["reason"] == (
        "batch1/105.avi: expected one container of 105, found this one of 5 frames and also batch2/105.mp4 of"
        " 6 frames; this one is taken, by the order of data.videos; remove the others."
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


def test_lengths_of_lists(root):
    write_crops(root, "105", [1, 2, 3, 4])
    write_video(root / "batch1" / "105.avi", 5)
    write_text(root / "frames.txt", "105 7\n")
    write_text(root / "sample.txt", "image_location\n105/00001.jpg\n105/00002.jpg\n105/00004.jpg\n")
    row = look(root, "105", "test", frame_list="frames.txt")
    assert (row["verdict"], row["length"], row["length_source"]) == ("ok", 7, "frame_list")
    row = look(root, "105", "test", frame_list="frames.txt", sample_list="sample.txt")
    assert (row["verdict"], row["length"], row["length_source"]) == ("repaired", 4, "sample_list")
    assert row["reason"].endswith(
        "sample.txt: expected 4 frames of '105', found 3; rows for all of them; check that the list is "
        "complete."
    )


def test_a_list_that_is_too_short_or_lacks_the_name(root):
    write_crops(root, "105", [1, 6])
    write_text(root / "frames.txt", "105 5\n")
    write_text(root / "sample.txt", "image_location\nvideo1/00001.jpg\n")
    row = look(root, "105", "test", frame_list="frames.txt", sample_list="sample.txt")
    assert (row["verdict"], row["length"], row["length_source"]) == ("repaired", 6, "crops")
    assert "reaches its highest crop, 6, found 5 (frame_list); the video ends" in row["reason"]
    assert "sample.txt: expected the test name '105', found no line of it; the list is" in row["reason"]
