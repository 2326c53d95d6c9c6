"""Length of a video in frames, from the most reliable source that is known, and contradictions of sources."""

from __future__ import annotations

from dataclasses import dataclass

#: Frames by which the length of a list and that of a container usually differ.
USUAL_DIFFERENCE = 2


@dataclass(frozen=True)
class Length:
    """A number of frames, and its source ("" where nothing is known and `frames` is 0)."""

    frames: int
    source: str


@dataclass(frozen=True)
class LengthSources:
    """All that is known about the length of a video.

    Attributes
    ----------
    sample_list, frame_list
        Frames by the challenge's lists, None where they do not list the video.
    decoded, said
        Frames of the container, decoded and by its header; None where not known. Official lengths are mostly
        one more than the header's.
    highest_crop, annotation_lines
        Lower bounds of the length.
    """

    sample_list: int | None = None
    frame_list: int | None = None
    decoded: int | None = None
    said: int | None = None
    highest_crop: int = 0
    annotation_lines: int = 0

    @property
    def decode_is_broken(self) -> bool:
        """Whether decoding ended early: a crop was cut from a frame beyond it, and the header says more."""
        return self.decoded is not None and self.decoded < min(self.highest_crop, self.said or 0)

    @property
    def length(self) -> Length:
        """The length, by the first known source in this order, and never below crops and annotations.

        1. the sample list, 2. the list of lengths, 3. the decoded frames, unless decoding is broken, 4. the
        frames by the container's header, plus one, 5. the highest crop or the annotation lines.
        """
        sources = {
            "sample_list": self.sample_list,
            "frame_list": self.frame_list,
            "decoded": None if self.decode_is_broken else self.decoded,
            "container": self.said + 1 if self.said else None,
        }
        frames, source = next(((frames, source) for source, frames in sources.items() if frames), (0, ""))
        if frames >= max(self.highest_crop, self.annotation_lines):
            return Length(frames, source)
        if self.highest_crop >= self.annotation_lines:
            return Length(self.highest_crop, "crops")
        return Length(self.annotation_lines, "annotations")

    @property
    def contradictions(self) -> dict[str, int]:
        """The frames by source where lists contradict each other or the container; empty where they agree.

        The sources are those of `length` but for crops and annotations, which may end before the video does.
        Lists and containers usually differ by up to `USUAL_DIFFERENCE` frames.
        """
        lists = {"sample_list": self.sample_list, "frame_list": self.frame_list}
        lists = {source: frames for source, frames in lists.items() if frames}
        container = {"decoded": self.decoded} if self.decoded and not self.decode_is_broken else {}
        if not container and self.said:
            container = {"container": self.said}
        differing = len(set(lists.values())) > 1 or any(
            abs(listed - frames) > USUAL_DIFFERENCE
            for listed in lists.values()
            for frames in container.values()
        )
        return {**lists, **container} if differing else {}
