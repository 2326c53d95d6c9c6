"""Length of a video in frames, from the most reliable source that is known."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Length:
    """A number of frames, and its source ("" where nothing is known and `frames` is 0)."""

    frames: int
    source: str


def video_length(
    *,
    sample_list: int | None = None,
    frame_list: int | None = None,
    decoded: int | None = None,
    said: int | None = None,
    highest_crop: int = 0,
    annotation_lines: int = 0,
) -> Length:
    """Choose the length of a video.

    Parameters
    ----------
    sample_list, frame_list
        Frames by the challenge's lists, None where they do not list the video.
    decoded, said
        Frames of the container, decoded and by its header; None where not known. Official lengths are mostly
        one more than the header's.
    highest_crop, annotation_lines
        Lower bounds of the length.

    Returns
    -------
    Length
        From the first known of sample list, frame list, decoding and header + 1; from the crops or the
        annotations where these go beyond it.
    """
    sources = {
        "sample_list": sample_list,
        "frame_list": frame_list,
        "decoded": decoded,
        "container": said + 1 if said else None,
    }
    frames, source = next(((frames, source) for source, frames in sources.items() if frames), (0, ""))
    if frames >= max(highest_crop, annotation_lines):
        return Length(frames, source)
    if highest_crop >= annotation_lines:
        return Length(highest_crop, "crops")
    return Length(annotation_lines, "annotations")
