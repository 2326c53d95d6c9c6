"""What can be wrong with containers of videos."""

from __future__ import annotations

from support.bad_corpora.case import FRAMES, Case, overstated, picture, text, together, video
from support.corpus import overstate_frames, write_video

CASES = [
    Case(
        "not a video",
        text("batch1/7.mp4", "not a video"),
        "repaired",
        "batch1/7.mp4: expected a video, found a file that cannot be read as one (Invalid data found when"
        " processing input); the file is ignored; get the whole file.",
    ),
    Case(
        "empty video",
        text("batch1/7.mp4", ""),
        "repaired",
        "batch1/7.mp4: expected a video, found an empty file; the file is ignored; get the file again.",
    ),
    Case(
        "video folder",
        lambda root: (root / "batch1/7.mp4").mkdir(),
        "repaired",
        "batch1/7.mp4: expected a video, found a folder; the file is ignored; correct the path.",
    ),
    Case(
        "video linked nowhere",
        lambda root: (root / "batch1/7.mp4").symlink_to("nowhere.mp4"),
        "repaired",
        "batch1/7.mp4: expected a video, found a broken link; the file is ignored; correct the path.",
    ),
    Case(
        "header says more",
        overstated,
        "repaired",
        "batch1/7.avi: expected the 9 frames that its header says, found 6 that can be decoded; the decoded"
        " ones count; download it again if it should be whole.",
    ),
    Case(
        "two videos",
        together(video("batch1/7.avi", FRAMES), video("batch2/7.avi", FRAMES + 1)),
        "repaired",
        "batch1/7.avi: expected one container of 7, found this one of 6 frames and also batch2/7.avi of 7"
        " frames; this one is taken, by the order of data.videos; remove the others.",
    ),
    Case(
        "two videos, the first of no use",
        together(text("batch1/7.mp4", "not a video"), video("batch2/7.mkv", FRAMES)),
        "repaired",
        "batch1/7.mp4: expected a video, found a file that cannot be read as one (Invalid data found when"
        " processing input); the file is ignored; get the whole file.",
    ),
    Case("Matroska", video("batch1/7.mkv", FRAMES), "ok", ""),
    Case("QuickTime, with a suffix in capitals", video("batch1/7.MOV", FRAMES), "ok", ""),
    Case("Windows Media", video("batch1/7.wmv", FRAMES), "ok", ""),
    Case(
        "video without frames",
        video("batch1/7.avi", 0),
        "repaired",
        "batch1/7.avi: expected a video, found one without a frame that can be decoded; the file is ignored;"
        " get the file again.",
    ),
    Case(
        "picture named as a video",
        text("batch1/7.mp4", picture()),
        "repaired",
        "batch1/7.mp4: expected a video, found a still image; the file is ignored; get the file again.",
    ),
    Case(
        "decoding ends before the highest crop",
        lambda root: overstate_frames(write_video(root / "batch1/7.avi", 3), said=6, truth=3),
        "repaired",
        "batch1/7.avi: expected the 6 frames that its header says, found 3 that can be decoded, fewer than"
        " the"
        " highest crop, 6; the header counts; download it again if it should be whole.",
    ),
    Case(
        "list and video contradict each other",
        together(text("frames.txt", "105 5000\n"), video("batch1/105.avi", FRAMES)),
        "repaired",
        "105: expected one length, found 5000 (frame_list), 6 (decoded), and 6 as the highest crop; 5000"
        " frames"
        " are taken (frame_list); check that list and video belong to the same edition, and correct or "
        "remove the wrong one.",
        victim="105",
    ),
]
