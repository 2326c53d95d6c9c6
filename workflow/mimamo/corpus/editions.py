"""The editions of Aff-Wild2: how each lies on disk, and how it is unpacked by those who work with it.

Imported whenever the Snakefile is read, so it needs nothing beyond the standard library.
"""

from __future__ import annotations

from dataclasses import dataclass

#: How many submissions a team may send where its edition's rules say nothing else.
MOST_SUBMISSIONS = 5


@dataclass(frozen=True)
class Edition:
    """The layout of one edition.

    Attributes
    ----------
    name
        As it is told.
    train, validation
        The folders of annotation files.
    test_list
        The file of test names.
    has_sample_list
        Whether a sample submission distinguishes it from another edition with the same folders.
    submissions
        How many submissions a team may send.
    """

    name: str
    train: str
    validation: str
    test_list: str
    has_sample_list: bool = False
    submissions: int = MOST_SUBMISSIONS


_VA_SET, _CHALLENGE = "VA_Set", "VA_Estimation_Challenge"
_RELEASE = "Valence_Arousal_Estimation_Challenge_test_set_release.txt"

EDITIONS = (
    Edition("FG-2020", f"{_VA_SET}/Training_Set", f"{_VA_SET}/Validation_Set", "test_set_VA_Challenge.txt"),
    Edition("ABAW2", f"{_VA_SET}/Train_Set", f"{_VA_SET}/Validation_Set", "test_set_VA_Challenge.txt"),
    Edition("ABAW3 or later", f"{_CHALLENGE}/Train_Set", f"{_CHALLENGE}/Validation_Set", _RELEASE),
    Edition("ABAW5 or later", f"{_CHALLENGE}/Train_Set", f"{_CHALLENGE}/Validation_Set", _RELEASE, True),
)


def most_submissions(edition: str) -> int:
    """Return how many submissions a team may send; `edition` is the name of one, or of none that is known."""
    return next((each.submissions for each in EDITIONS if each.name == edition), MOST_SUBMISSIONS)


# Patterns of names, whatever their case. Archives are unpacked by hand, so folders lie in each other:
# cropped_aligned/batch1/cropped_aligned, videos/batch2, 6th ABAW Annotations/VA_Estimation_Challenge.

#: Folders that the annotation folders may lie in.
ANNOTATION_FOLDERS = ("*annotation*",)
#: Folders of crops, and parts that these, or the videos, come in.
CROP_FOLDERS = ("cropped_aligned*",)
BATCH_FOLDERS = ("batch*",)
#: Folders of videos.
VIDEO_FOLDERS = (*BATCH_FOLDERS, "*video*", "*vids*")
#: Folders of lists, such as names_of_videos_in_each_test_set and prediction_files_format.
LIST_FOLDERS = ("*test*", "*submission*", "*prediction*format*")
#: Lists of the challenges beside valence and arousal, which lie in the same folders.
OTHER_CHALLENGES = ("*_au_*", "*action_unit*", "*expr*", "*_mtl_*", "*multi_task*", "*learning_challenge*")


@dataclass(frozen=True)
class ListKind:
    """A list that is recognised by its file name, one of these patterns, and by its first line as a whole."""

    names: tuple[str, ...]
    first_line: str


#: The lists of lengths by their keys in the configuration.
LENGTH_LISTS = {
    "frame_list": ListKind(("*frame*.txt", "*length*.txt"), r"\s*[^\s,]+[\s,]+\d+\s*"),
    # CVPR_6th_ABAW_VA_test_set_sample.txt, CVPR_5th_ABAW_VA_test_set_example.txt
    "sample_list": ListKind(
        ("*sample*.txt", "*example*.txt"), r"\s*image_location\s*(,\s*valence\s*,\s*arousal\s*)?"
    ),
}
