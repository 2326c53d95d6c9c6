"""The clips of the demo corpus: person, length, and the traps (corpus faults) planted in each.

The table is plain data, so that the workflow knows the names before a single frame is rendered.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Clip:
    """One name of the demo corpus.

    Attributes
    ----------
    name
        As in Aff-Wild2: it may carry a part number or the side of the person in the picture.
    subset
        ``train``, ``validation`` or ``test``.
    identity
        Number of the rendered person. The grouping rule never sees it: it is the truth that folds are
        checked by.
    share
        Length of the clip as a share of the configured typical length.
    container
        File in ``batch1/`` or ``batch2/``. Two people of one video name the same file.
    missing_start, missing_end
        Frames without a crop at either end.
    holes
        ``(where, frames)``: runs of frames without a crop; `where` is a share of the clip.
    unannotated_start
        Lines of -5 at the start.
    unannotated
        ``(where, frames)``: runs of -5 inside.
    extra_lines
        Annotation lines more (or, negative, fewer) than the clip has frames.
    line_end
        Line end of the annotation file.
    blank_tail
        Whether the annotation file ends in blank lines.
    container_frames_short
        Frames that the container lacks against the crops, as many of Aff-Wild2's do.
    container_frames_claimed
        Frames that the container's header claims beyond those it holds.
    crops
        ``all`` (but for the holes), ``one`` or ``none``.
    sound
        Of the container: ``noise``, ``silent`` or ``none``, where it has no sound.
    """

    name: str
    subset: str
    identity: int
    share: float
    container: str
    missing_start: int = 0
    missing_end: int = 0
    holes: tuple[tuple[float, int], ...] = ()
    unannotated_start: int = 0
    unannotated: tuple[tuple[float, int], ...] = ()
    extra_lines: int = 0
    line_end: str = "\n"
    blank_tail: bool = False
    container_frames_short: int = 0
    container_frames_claimed: int = 0
    crops: str = "all"
    sound: str = "noise"

    def frames(self, typical: int) -> int:
        """Return the length of the clip in frames, for a typical length of `typical` frames."""
        return round(self.share * typical)


CAST: tuple[Clip, ...] = (
    # One person over three names, on both sides of the official split.
    Clip("5-60-160x120-1", "train", 0, 0.8, "batch1/5-60-160x120-1.mp4", missing_start=5),
    Clip("5-60-160x120-2", "train", 0, 0.7, "batch1/5-60-160x120-2.mp4", unannotated_start=12),
    Clip("5-60-160x120-3", "validation", 0, 0.7, "batch1/5-60-160x120-3.mp4", missing_end=4),
    # Two people in one picture: one container.
    Clip("12-24-320x120_left", "train", 1, 1.1, "batch1/12-24-320x120.mp4", holes=((0.45, 9),)),
    Clip("12-24-320x120_right", "train", 2, 1.1, "batch1/12-24-320x120.mp4", unannotated=((0.6, 14),)),
    # A suffix without its counterpart: there is no left.
    Clip("10-60-320x120", "train", 3, 1.0, "batch1/10-60-320x120.mp4"),
    Clip("10-60-320x120_right", "train", 4, 1.0, "batch1/10-60-320x120.mp4", missing_start=3),
    # Holes so close that no stretch is as long as a training window.
    Clip("17-24-160x120", "train", 5, 0.9, "batch1/17-24-160x120.mp4",
         holes=((0.22, 2), (0.42, 1), (0.62, 3), (0.82, 2))),
    Clip("102", "train", 6, 1.2, "batch1/102.avi", extra_lines=3),
    # Not the same video as 102.
    Clip("102-30-160x120", "train", 7, 1.0, "batch1/102-30-160x120.mp4", extra_lines=-4),
    Clip("105", "train", 8, 1.1, "batch2/105.avi", line_end="\r\n", blank_tail=True),
    Clip("336", "train", 9, 1.0, "batch2/336.mp4", container_frames_short=1),
    Clip("video41", "train", 10, 1.2, "batch2/video41.mp4", missing_start=8, holes=((0.5, 6),),
         unannotated_start=4, unannotated=((0.7, 10),)),
    Clip("video58", "train", 11, 1.0, "batch2/video58.mp4", sound="silent"),
    Clip("121-24-160x120", "validation", 12, 1.1, "batch2/121-24-160x120.mp4", blank_tail=True),
    Clip("169", "validation", 13, 1.1, "batch2/169.avi", container_frames_claimed=2),
    Clip("video63", "validation", 14, 1.0, "batch2/video63.mp4", unannotated=((0.3, 8), (0.8, 5))),
    Clip("130-30-160x120", "validation", 15, 1.0, "batch2/130-30-160x120.mp4", sound="none"),
    Clip("video70", "test", 16, 1.0, "batch2/video70.mp4", missing_start=6, holes=((0.4, 5), (0.6, 1))),
    Clip("video71", "test", 17, 1.0, "batch2/video71.mp4", missing_end=7),
    Clip("140-30-160x120", "test", 18, 1.0, "batch2/140-30-160x120.mp4", container_frames_short=1),
    Clip("142-24-160x120_left", "test", 19, 1.0, "batch2/142-24-160x120.avi", holes=((0.5, 12),)),
    Clip("144", "test", 20, 1.0, "batch2/144.mp4"),
    Clip("video88", "test", 21, 0.2, "batch2/video88.mp4", crops="one"),
    Clip("video89", "test", 22, 0.15, "batch2/video89.mp4", crops="none"),
)  # fmt: skip

#: Folders and files of the demo corpus, as in the FG-2020 edition of Aff-Wild2.
CROPS = "cropped_aligned"
TEST_LIST = "test_set_VA_Challenge.txt"
ANNOTATIONS = {"train": "VA_Set/Training_Set", "validation": "VA_Set/Validation_Set"}
VIDEOS = ("batch1", "batch2")
#: The section ``data`` of its configuration, known before the corpus is rendered.
LAYOUT = {
    "crops": [CROPS],
    **ANNOTATIONS,
    "test_list": TEST_LIST,
    "videos": list(VIDEOS),
    "frame_list": None,
    "sample_list": None,
}


def longest_fitted(typical: int) -> int:
    """Return the frames of the longest clip with annotations, for a typical length of `typical` frames."""
    return max(clip.frames(typical) for clip in CAST if clip.subset != "test")


def subsets() -> dict[str, str]:
    """Return the subset of every name of the demo corpus: ``{name: "train" | "validation" | "test"}``."""
    return {clip.name: clip.subset for clip in CAST}
