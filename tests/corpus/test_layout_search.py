"""Which edition of Aff-Wild2 a folder holds, and where its parts lie: skeletons of every edition."""

import pytest

from mimamo.corpus.layout import Corpus
from mimamo.corpus.layout_search import AUTO, FOUND_KEYS, VARIABLE, fill_in, find_layout, layout_of_run
from mimamo.demo.cast import LAYOUT
from mimamo.errors import InputError
from support.configuration import read
from support.paths import REPO

OPEN = dict.fromkeys(FOUND_KEYS, AUTO) | {"groups": None}
FG2020 = {"train": "VA_Set/Training_Set", "validation": "VA_Set/Validation_Set"}
ABAW2 = {"train": "VA_Set/Train_Set", "validation": "VA_Set/Validation_Set"}
ABAW3 = {
    "train": "VA_Estimation_Challenge/Train_Set",
    "validation": "VA_Estimation_Challenge/Validation_Set",
}
CROPS = ["cropped_aligned/105", "cropped_aligned/video1_left"]
ABAW3_LIST = "Valence_Arousal_Estimation_Challenge_test_set_release.txt"
TEXTS = {
    "sample": "image_location,valence,arousal\n105/00001.jpg,0,0\n",
    "frame": "105 44\nvideo1_left 50\n",
    ".txt": "105\nvideo1_left\n",
}


@pytest.fixture
def make(tmp_path):
    """Return a function that makes folders and, with a suffix, files; it returns the data set's folder."""

    def run(*paths: str):
        root = tmp_path / "Aff-Wild2"
        for path in paths:
            place = root / path
            (place.parent if place.suffix else place).mkdir(parents=True, exist_ok=True)
            if place.suffix:
                place.write_text(next((text for part, text in TEXTS.items() if part in place.name), ""))
        return root

    return run


def found(root, **data) -> dict:
    """Find what is open, and return the keys that hold something."""
    layout = find_layout({**OPEN, **data}, root)
    assert AUTO not in layout.data.values() and list(layout.data) == list(OPEN)
    return {key: value for key, value in layout.data.items() if value}


def refusal(root, **data) -> str:
    with pytest.raises(InputError) as caught:
        find_layout({**OPEN, **data}, root)
    assert "\n" not in str(caught.value) and str(caught.value).startswith(f"{root}: expected ")
    return str(caught.value)


EDITIONS = {
    "FG-2020": (
        [*FG2020.values(), *CROPS, "batch1/105.mp4", "batch2/1.avi", "test_set_VA_frames.txt"],
        {
            **FG2020, "crops": ["cropped_aligned"], "videos": ["batch1", "batch2"],
            "frame_list": "test_set_VA_frames.txt", "test_list": "test_set_VA_frames.txt",
        },
    ),
    "ABAW2": (
        [
            *(f"annotations/{path}" for path in ABAW2.values()), *CROPS, "105.mp4", "102.avi",
            "test_set_VA_Challenge.txt", "test_set_AU_Challenge.txt", "test_set_Expr_Challenge.txt",
        ],
        {
            **{key: f"annotations/{path}" for key, path in ABAW2.items()}, "crops": ["cropped_aligned"],
            "videos": ["."], "test_list": "test_set_VA_Challenge.txt",
        },
    ),
    "ABAW3 or later": (
        [
            *ABAW3.values(), "AU_Detection_Challenge/Train_Set", *CROPS, "cropped_aligned_new_50_vids/461",
            "videos/batch1/105.mp4", "videos/batch2/102.avi", "new_vids/461.mp4",
            f"names_of_videos_in_each_test_set/{ABAW3_LIST}",
            "names_of_videos_in_each_test_set/Multi_Task_Learning_Challenge_test_set_release.txt",
        ],
        {
            **ABAW3, "crops": ["cropped_aligned", "cropped_aligned_new_50_vids"],
            "videos": ["new_vids", "videos/batch1", "videos/batch2"],
            "test_list": f"names_of_videos_in_each_test_set/{ABAW3_LIST}",
        },
    ),
    "ABAW5 or later": (
        [
            *(f"6th ABAW Annotations/{path}" for path in ABAW3.values()), "raw_videos/105.mp4",
            "cropped_aligned_images/batch1/cropped_aligned/105", "cropped_aligned_images/batch2/461",
            f"test_set/{ABAW3_LIST}",
            "test_set/prediction_files_format/CVPR_6th_ABAW_VA_test_set_sample.txt",
            "test_set/prediction_files_format/CVPR_6th_ABAW_AU_test_set_sample.txt",
        ],
        {
            **{key: f"6th ABAW Annotations/{path}" for key, path in ABAW3.items()},
            "crops": ["cropped_aligned_images/batch1/cropped_aligned", "cropped_aligned_images/batch2"],
            "videos": ["raw_videos"], "test_list": f"test_set/{ABAW3_LIST}",
            "sample_list": "test_set/prediction_files_format/CVPR_6th_ABAW_VA_test_set_sample.txt",
        },
    ),
}  # fmt: skip


@pytest.mark.parametrize("edition", EDITIONS)
def test_every_edition_is_found(make, edition):
    paths, expected = EDITIONS[edition]
    root = make(*paths)
    assert found(root) == expected
    layout = find_layout(OPEN, root)
    assert layout.edition == edition
    said = layout.sentence(root)
    assert said.startswith(f"{root}: found the layout of {edition}: train {expected['train']}, validation ")
    assert ("no sample_list" in said) == ("sample_list" not in expected)
    # What is found can be given as it is.
    assert find_layout(layout.data, root).data == layout.data
    assert find_layout(layout.data, root).sentence(root) == ""


def test_crops_below_a_batch_folder_are_found_by_their_names(make):
    root = make(*ABAW3.values(), "cropped_aligned/batch1/105", "cropped_aligned/7")
    data = find_layout(OPEN, root).data
    assert data["crops"] == ["cropped_aligned", "cropped_aligned/batch1"]
    corpus = Corpus.from_config({"data": data}, root)
    assert corpus.crop_names() == ["105", "7"]
    assert corpus.crop_folder("105") == root / "cropped_aligned/batch1/105"


def test_empty_folder_of_crops_is_taken_where_there_is_no_other(make):
    assert found(make(*ABAW2.values(), "cropped_aligned"))["crops"] == ["cropped_aligned"]


def test_case_of_names_does_not_matter(make):
    root = make("va_set/train_set", "va_set/validation_set", "Cropped_Aligned/105", "Batch1/105.MP4")
    expected = {"train": "va_set/train_set", "validation": "va_set/validation_set"}
    assert found(root) == expected | {"crops": ["Cropped_Aligned"], "videos": ["Batch1"]}


def test_hidden_and_unusable_names_are_not_found(make):
    root = make(*ABAW2.values(), *CROPS, ".batch1/105.mp4", "batch{1}/105.mp4", "batch2/._105.mp4")
    assert "videos" not in found(root)


# Two fit --------------------------------------------------------------------------------------------------


def test_two_editions_are_refused_with_what_to_set(make):
    root = make(*FG2020.values(), *ABAW2.values(), *CROPS)
    assert refusal(root) == (
        f"{root}: expected the layout of one edition of Aff-Wild2, found those of FG-2020"
        " (VA_Set/Training_Set and VA_Set/Validation_Set) and ABAW2 (VA_Set/Train_Set and"
        ' VA_Set/Validation_Set); take one of them with --config "data={train: VA_Set/Training_Set}" or'
        ' --config "data={train: VA_Set/Train_Set}".'
    )
    assert found(root, train="VA_Set/Train_Set") == {**ABAW2, "crops": ["cropped_aligned"]}
    assert find_layout({**OPEN, "train": str(root / "VA_Set/Training_Set")}, root).edition == "FG-2020"


def test_two_copies_of_an_edition_are_refused(make):
    paths = [f"{number}th ABAW Annotations/{path}" for number in (5, 6) for path in ABAW3.values()]
    root = make(*paths, *CROPS)
    assert "found those of ABAW3 or later (5th ABAW Annotations/VA_E" in refusal(root)
    # One key is enough: the other follows it.
    assert found(root, train=paths[2])["validation"] == paths[3]


def test_a_name_with_two_folders_of_crops_is_refused(make):
    root = make(*ABAW2.values(), *CROPS, "cropped_aligned_images/105", "cropped_aligned_images/7")
    said = refusal(root)
    assert "found those of '105' in cropped_aligned and in cropped_aligned_images; set data.crops" in said
    assert found(root, crops=["cropped_aligned_images"])["crops"] == ["cropped_aligned_images"]


def test_two_lists_of_one_kind_are_refused(make):
    samples = [f"CVPR_{number}th_ABAW_VA_test_set_sample.txt" for number in (5, 6)]
    root = make(*ABAW3.values(), *CROPS, *samples, ABAW3_LIST)
    assert f"found {samples[0]} and {samples[1]}; set data.sample_list to one of them." in refusal(root)
    assert found(root, sample_list=samples[1])["sample_list"] == samples[1]
    assert find_layout({**OPEN, "sample_list": samples[1]}, root).edition == "ABAW5 or later"


# None fits ------------------------------------------------------------------------------------------------


def test_no_edition_is_refused_with_what_was_looked_for_and_what_is_there(make):
    assert refusal(make(*CROPS, "labels/train", "notes.txt")) == (
        f"{make()}: expected the annotations of an edition of Aff-Wild2, VA_Set/Training_Set and"
        " VA_Set/Validation_Set (FG-2020), VA_Set/Train_Set and VA_Set/Validation_Set (ABAW2) or"
        " VA_Estimation_Challenge/Train_Set and VA_Estimation_Challenge/Validation_Set (ABAW3 or later),"
        " found cropped_aligned/, labels/, notes.txt there; set root to the folder that holds them, or"
        " data.train and data.validation to their path, null where there is none."
    )


def test_half_an_edition_is_refused_with_what_is_missing(make):
    root = make(ABAW3["train"], *CROPS)
    said = refusal(root)
    assert f"there and {ABAW3['train']}, but no {ABAW3['validation']}; set root" in said
    assert found(root, validation=None) == {"train": ABAW3["train"], "crops": ["cropped_aligned"]}


@pytest.mark.parametrize(("given", "meant"), [("", "Aff/"), ("Aff/VA_Set", "Aff/")])
def test_root_above_or_below_the_edition_is_told(make, given, meant):
    root = make(*(f"Aff/{path}" for path in ABAW2.values())) / given
    assert f"and an edition's annotations in {make() / meant};" in refusal(root)


def test_edition_without_crops_is_refused(make):
    said = refusal(make(*ABAW2.values(), "faces/105"))
    assert (
        "expected a folder cropped_aligned" in said and "found VA_Set/, faces/ there; set data.crops" in said
    )


def test_test_list_under_another_name_is_refused(make):
    root = make(*ABAW2.values(), *CROPS, "my_test_names.txt")
    said = refusal(root)
    assert "test_set_VA_Challenge.txt, found my_test_names.txt; set data.test_list" in said
    assert "test_list" not in found(root, test_list=None)


def test_root_that_cannot_be_listed_is_left_to_the_survey(tmp_path):
    assert found(tmp_path / "nowhere") == {}


# What is configured ---------------------------------------------------------------------------------------


def test_what_is_configured_stays(make):
    root = make(*ABAW2.values(), *CROPS, "batch1/105.mp4", "test_set_VA_Challenge.txt")
    own = {"test_list": "my.txt", "videos": []}
    assert found(root, **own) == {**ABAW2, "crops": ["cropped_aligned"], "test_list": "my.txt"}
    layout = find_layout({**OPEN, **own}, root)
    assert layout.sentence(root).endswith("crops cropped_aligned, no frame_list, no sample_list")


def test_annotations_of_ones_own_need_no_edition(make):
    root = make("mine", *CROPS)
    own = {"train": "mine", "validation": None, "test_list": None}
    assert found(root, **own) == {"train": "mine", "crops": ["cropped_aligned"]}
    layout = find_layout({**OPEN, **own}, root)
    assert layout.sentence(root).startswith(f"{root}: found crops cropped_aligned, no videos")


def test_the_demo_is_known_before_it_is_there():
    data = fill_in({**read(REPO / "config.yaml")["data"], "videos": ["mine"]}, LAYOUT).data
    assert {key: data[key] for key in LAYOUT} == {**LAYOUT, "videos": ["mine"]}


def test_jobs_see_what_the_run_has_found(make, monkeypatch):
    monkeypatch.delenv(VARIABLE, raising=False)
    root = make(*ABAW3.values(), *CROPS)
    before = layout_of_run(OPEN, root, is_main=True)
    make(ABAW3_LIST)
    assert layout_of_run(OPEN, root, is_main=False) == before
    # Another run finds anew, and so does a job of another configuration.
    assert layout_of_run({**OPEN, "videos": []}, root, is_main=False).data["test_list"] == ABAW3_LIST
    assert layout_of_run(OPEN, root, is_main=True).data["test_list"] == ABAW3_LIST
