"""A submission of three names, and faults in its texts."""

from collections.abc import Callable, Mapping
from pathlib import Path

from mimamo.submission.validate import validate
from mimamo.submission.write import write_submission

#: Frames of the names.
LENGTHS = {"105": 4, "5-60-1920x1080-1": 12, "video2_left": 3}


def submit(stage: Path, folder: str = "submission") -> Path:
    """Write the submission of a folder with tables of values and lengths."""
    out = stage / folder
    write_submission(stage / "filled.csv", stage / "gaps.csv", out, stage / "check.csv")
    return out


def problems(submission: Path, expected: Mapping[str, int] = LENGTHS) -> str:
    """Give all that is wrong with a submission."""
    return " | ".join(validate(submission, expected).problems)


def edit(path: Path, change: Callable[[list[str]], object]) -> None:
    """Change the lines of a text."""
    lines = path.read_text().split("\n")
    change(lines)
    path.write_text("\n".join(lines))


def at(index: int, text: str) -> Callable[[list[str]], object]:
    """A change that puts `text` on a line, counted from 0."""
    return lambda lines: lines.__setitem__(index, text)
