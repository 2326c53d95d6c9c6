import pandas as pd
import pytest

from mimamo.audit.list_checks import Lists
from mimamo.audit.name_checks import audit_name
from mimamo.corpus.crop_naming import CropNaming
from mimamo.corpus.crops import list_crops
from support.audit import PLAIN, look
from support.corpus import corpus_at, write_annotation, write_crops, write_text, write_video


def test_unreadable_crops_are_left_out(root):
    folder = write_crops(root, "video1", range(1, 7))
    write_annotation(root, "video1", PLAIN[:6])
    write_text((folder / "00002.jpg"), "")
    write_text((folder / "00003.jpg"), "not a picture")
    whole = (folder / "00006.jpg").read_bytes()
    (folder / "00006.jpg").write_bytes(whole[: len(whole) // 2])
    corpus = corpus_at(root)
    found = audit_name(corpus, "video1", "train", Lists.read(corpus), decode=True)
    assert found.frames == [1, 4, 5]
    row = found.row(corpus)
    assert (row["verdict"], row["crops"], row["unreadable"], row["holes"]) == ("repaired", 3, 3, 2)
    # The frame of an unreadable crop exists all the same.
    assert row["length"] == 6
    assert row["reason"] == (
        "3 unreadable crops, the first is cropped_aligned/video1/00002.jpg: expected a JPEG image, found an"
        " empty file; left out; download or make the crop again."
    )


def test_other_things_among_the_crops_are_told(root):
    folder = write_crops(root, "video1", [1, 2])
    write_annotation(root, "video1", PLAIN[:2])
    for name in ("._00001.jpg", ".DS_Store", "1.jpg", "000003.jpg", "00000.jpg", "00004.png", "00005.JPG"):
        write_text(folder / name, "")
    (folder / "00006.jpg").mkdir()
    listing = list_crops(folder, CropNaming())
    assert listing.numbers == [1, 2]
    assert listing.left_out == ["00000.jpg", "000003.jpg", "00004.png", "00005.JPG", "00006.jpg", "1.jpg"]
    assert listing.zero == ["00000.jpg"]
    assert listing.misnamed == {"000003.jpg": 3, "00004.png": 4, "00005.JPG": 5, "1.jpg": 1}
    assert (listing.other_files, listing.hidden) == (["00006.jpg"], [".DS_Store", "._00001.jpg"])
    assert look(root, "video1")["verdict"] == "unusable"


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
