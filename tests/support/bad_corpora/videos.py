"""What can be wrong with containers of videos."""

from __future__ import annotations

from support.bad_corpora.case import FRAMES, Case, overstated, text, together, video

CASES = [
    Case(
        "not a video",
        text("batch1/7.mp4", "not a video"),
        "repaired",
        "batch1/7.mp4: expected a video, found a file that cannot be opened as one; done without it; fetch"
        " it again.",
    ),
    Case(
        "empty video",
        text("batch1/7.mp4", ""),
        "repaired",
        "batch1/7.mp4: expected a video, found a file that cannot be opened as one; done without it; fetch"
        " it again.",
    ),
    Case(
        "video folder",
        lambda root: (root / "batch1/7.mp4").mkdir(),
        "repaired",
        "batch1/7.mp4: expected a video, found a file that cannot be opened as one; done without it; fetch"
        " it again.",
    ),
    Case(
        "video linked nowhere",
        lambda root: (root / "batch1/7.mp4").symlink_to("nowhere.mp4"),
        "repaired",
        "batch1/7.mp4: expected a video, found a file that cannot be opened as one; done without it; fetch"
        " it again.",
    ),
    Case(
        "header says more",
        overstated,
        "repaired",
        "batch1/7.avi: expected the 9 frames that its header says, found 6 that can be decoded; the decoded"
        " ones count; fetch it again if it should be whole.",
    ),
    Case(
        "two videos",
        together(video("batch1/7.avi", FRAMES), video("batch2/7.avi", FRAMES)),
        "repaired",
        "batch1/7.avi: expected one container of 7, found also batch2/7.avi; this one is taken; remove the"
        " others.",
    ),
]
