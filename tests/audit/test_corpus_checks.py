"""What all names of a corpus have in common: how crops are named, counted and cut, and whether any can be"
" used."""

import shutil
from pathlib import Path

import pytest

from mimamo.audit.doctor import log_diagnosis
from mimamo.errors import InputError
from support.bad_corpora.case import (
    CROPS,
    DATA,
    FRAMES,
    NEIGHBOURS,
    SETTINGS,
    TRAIN,
    VICTIM,
    crop,
    good_corpus,
    lines,
    picture,
    video,
)
from support.corpus import write_text
from support.doctor import diagnose, label

NAMES = [VICTIM, *NEIGHBOURS]


@pytest.fixture
def root(tmp_path):
    return good_corpus(tmp_path / "corpus")


def name_crops(
    root: Path, form: str, kind: str = "JPEG", first: int = 1, names=NAMES, size: int = 112
) -> None:
    """Write the crops of names anew, with other file names."""
    for name in names:
        shutil.rmtree(root / CROPS / name)
        (root / CROPS / name).mkdir()
        for number in range(first, first + FRAMES):
            (root / CROPS / name / (form % number)).write_bytes(picture(kind, size=size))


@pytest.mark.parametrize(
    ("form", "kind", "first"),
    [
        ("%06d.jpg", "JPEG", 1),
        ("%05d.JPG", "JPEG", 1),
        ("%05d.jpeg", "JPEG", 1),
        ("%05d.png", "PNG", 1),
        ("frame%05d.jpg", "JPEG", 0),
        ("frame_det_00_%06d.bmp", "BMP", 1),
        ("%05d.jpg", "JPEG", 0),
    ],
)
def test_what_all_names_share_is_one_sentence_for_the_corpus(root, tmp_path, form, kind, first):
    usual = diagnose(root, tmp_path / "usual", SETTINGS)
    labels = label(usual, root, SETTINGS)
    name_crops(root, form, kind, first)
    found = diagnose(root, tmp_path / "results", SETTINGS)
    assert set(found.audit["verdict"]) == {"ok"} and not any(map(found.said, NAMES))
    example = form % first
    naming = (
        f"cropped_aligned: expected crops named as 00001.jpg, found them named as {example}; the pattern"
        f" {form} is"
        f" taken for all names; set data.crop_names to '{form}' to fix it."
    )
    counting = (
        f"cropped_aligned: expected crops counted from 1, found one numbered 0 for every name; {example} is"
        f" taken"
        " for the first frame of all names; set data.first_frame to 0 to fix it."
    )
    assert found.said("") == [naming] * (form != "%05d.jpg") + [counting] * (first == 0)
    # Frames are the same, whatever the files are called, and so are their labels.
    assert label(found, root, SETTINGS) == labels
    frames = [(tmp_path / folder / "frames.csv").read_bytes() for folder in ("usual", "results")]
    assert frames[0] == frames[1]
    # A crop 0 is missing and yet the numbers are not shifted, as the configuration says what they count from.
    crop_of_test = root / CROPS / "105" / example
    crop_of_test.unlink()
    settings = {**SETTINGS, "crop_names": form, "first_frame": first}
    fixed = diagnose(root, tmp_path / "fixed", settings)
    assert fixed.audit.loc["105", "first_crop"] == 2 and set(fixed.audit["verdict"]) == {"ok"}


def test_crops_that_are_grey_in_all_names_are_said_once_and_in_some_of_each(root, tmp_path):
    for path in (root / CROPS).rglob("*.jpg"):
        path.write_bytes(picture(mode="L"))
    found = diagnose(root, tmp_path / "all", SETTINGS)
    (sentence,) = found.said("")
    assert sentence.endswith(
        f"and the like in all {len(NAMES)} names with crops; read as three equal colours; save"
        " them as the others."
    )
    assert set(found.audit["verdict"]) == {"repaired"} and not any(map(found.said, NAMES))
    for number in range(1, FRAMES + 1):
        crop(root, number, VICTIM).write_bytes(picture())
    some = diagnose(root, tmp_path / "some", SETTINGS)
    assert some.said("") == [] and some.said(VICTIM) == [] and all(map(some.said, NEIGHBOURS))


def test_crops_of_which_most_count_from_0_refuse_a_run_until_the_configuration_settles_it(root, tmp_path):
    name_crops(root, "%05d.jpg", first=0)
    (root / CROPS / "105" / "00000.jpg").unlink()
    found = diagnose(root, tmp_path / "results", SETTINGS)
    assert found.said("")[0] == (
        "cropped_aligned: expected crops counted from 1, or from 0 for all names, found a crop numbered 0"
        " in 3 of"
        " 4 folders; set data.first_frame to 0 if all names are counted from 0, or to 1."
    )
    assert found.stock.blocking()
    settled = diagnose(root, tmp_path / "settled", {**SETTINGS, "first_frame": 0})
    assert not settled.stock.blocking() and set(settled.audit["verdict"]) == {"ok"}
    assert settled.audit.loc["105", "first_crop"] == 2


@pytest.mark.parametrize(
    ("names", "found"),
    [
        (NAMES, "256 by 256 in 4 of 4 names"),
        (["7"], "112 by 112 in 3 of 4 names and 256 by 256 in 1 of 4 names"),
    ],
)
def test_another_size_is_noted_once(root, tmp_path, names, found):
    name_crops(root, "%05d.jpg", names=names, size=256)
    outcome = diagnose(root, tmp_path / "results", SETTINGS)
    assert outcome.said("") == [
        f"crops: expected 112 by 112 pixels, found {found}; scaled; check that all are cropped and aligned "
        "in the same way."
    ]
    assert set(outcome.audit["verdict"]) == {"ok"}


@pytest.mark.parametrize("subset", ["train", "test"])
def test_a_subset_without_a_usable_name_ends_doctor_and_run(root, tmp_path, subset):
    unusable = {"train": [VICTIM, "video9"], "test": ["105"]}[subset]
    for name in unusable:
        shutil.rmtree(root / CROPS / name)
    results = tmp_path / "results"
    found = diagnose(root, results, SETTINGS)
    purpose = {"train": "to train on", "test": "to predict"}[subset]
    count = f"{len(unusable)} name{'s' * (len(unusable) > 1)}"
    sentence = (
        f"{subset}: expected a name {purpose}, found {count} and none usable; fix the problems reported for "
        f"each of them."
    )
    assert found.said("") == [sentence]
    assert "A run does not start until the problems of the corpus as a whole are fixed" in found.page
    with pytest.raises(InputError, match="expected a corpus that a run can use, found 1 fault"):
        log_diagnosis(results / "doctor.csv", results / "doctor.html")
    with pytest.raises(InputError) as refusal:
        label(found, root, SETTINGS)
    assert str(refusal.value) == sentence and not (results / "audit.csv").exists()


def two_test_names(root: Path, listed: int) -> None:
    """Make two test names of which all crops are there, with lengths in the list."""
    write_text(root / DATA["test_list"], "105\n106\n")
    shutil.copytree(root / CROPS / "105", root / CROPS / "106")
    write_text(root / "frames.txt", f"105 {listed}\n106 {listed}\n")


@pytest.mark.parametrize("source", ["crops", "videos"])
def test_a_list_that_is_one_short_for_all_names_refuses_a_run_until_the_configuration_settles_it(
    root, tmp_path, source
):
    two_test_names(root, FRAMES - 1)
    if source == "videos":
        for name in ("105", "106"):
            video(f"batch1/{name}.avi", FRAMES)(root)
            crop(root, FRAMES, name).unlink()
    found = diagnose(root, tmp_path / "results", SETTINGS)
    assert found.said("") == [
        "frames.txt: expected the number of frames of every video, found one less than there are for all 2"
        " names,"
        " as where it holds the number of the last frame, counted from 0; correct the list or set"
        " data.frame_list"
        " to null; if it is right, set data.first_frame to the number that crops are counted from (0 or 1)."
    ]
    with pytest.raises(InputError, match=r"frames.txt: expected the number of frames of every video"):
        label(found, root, SETTINGS)
    settled = {**SETTINGS, "first_frame": 1}
    assert not diagnose(root, tmp_path / "settled", settled).said("")


@pytest.mark.parametrize("listed", [FRAMES, FRAMES + 1])
def test_a_list_that_is_right_or_longer_is_no_fault(root, tmp_path, listed):
    two_test_names(root, listed)
    assert not diagnose(root, tmp_path / "results", SETTINGS).said("")


def test_a_test_name_of_which_most_rows_are_filled_is_told_first_with_the_share(root, tmp_path):
    for number in range(2, FRAMES + 1):
        crop(root, number, "105").unlink()
    write_text(root / "frames.txt", "105 44\n")
    # A training name without most of its crops costs nothing in the submission.
    for number in range(2, FRAMES + 1):
        crop(root, number, "video9").unlink()
    found = diagnose(root, tmp_path / "results", SETTINGS)
    assert found.said("105") == [
        "105: expected a crop for each of 44 frames, found none for 43 of them; 98 % of its rows are filled"
        " in by"
        " the policy for gaps; check whether all of its crops are there, and whether its length is right."
    ]
    assert (found.audit.loc["105", "verdict"], found.audit.loc["video9", "verdict"]) == ("repaired", "ok")
    advice = found.page[
        found.page.index("What to do first") : found.page.index("All names, most severe problems first")
    ]
    assert "test names mostly without crops" in advice and "(105, 98 %)" in advice


def test_of_no_line_for_the_highest_crop_the_labels_are_not_used(root, tmp_path):
    (root / TRAIN / f"{VICTIM}.txt").write_text(lines(FRAMES - 1))
    found = diagnose(root, tmp_path / "results", SETTINGS)
    assert found.audit.loc[VICTIM, "verdict"] == "unusable"
    assert VICTIM not in label(found, root, SETTINGS)
