"""The folders that the commands of the documentation are called in, with what they name."""

from __future__ import annotations

import shutil
from pathlib import Path

from support.imports import write_afew_va, write_table
from support.skeleton import make_skeleton

#: What stands in the pages for the folder of the data set.
AFF_WILD2 = "/path/to/Aff-Wild2"
#: A test name of the demo, whose crops are those of the pages.
NAME = "144"


def make_clone(checkout: Path, place: Path) -> Path:
    """Make a fresh clone of the workflow, and beside it the skeleton of a data set to plan a run of."""
    clone = shutil.copytree(checkout, place / "clone", ignore=shutil.ignore_patterns("__pycache__"))
    (place / "Aff-Wild2").mkdir()
    make_skeleton(place / "Aff-Wild2", 40)
    return clone


def make_used(checkout: Path, run: Path, film: Path, place: Path) -> Path:
    """Make a clone that a run has been made in, with crops, films, labels and a submission of one's own."""
    used = shutil.copytree(checkout, place / "used", ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copytree(run, used, dirs_exist_ok=True)
    (used / "runs").mkdir()
    (used / "runs/affwild2").symlink_to(used)
    shutil.copytree(used / f"results/demo/corpus/cropped_aligned/{NAME}", used / f"my_crops/{NAME}")
    shutil.copy2(film, used / "my_film.mp4")
    shutil.copy2(used / "results/submission/submission.zip", used)
    write_afew_va(used / "AFEW-VA", 2, 6)
    write_table(used / "values.csv", [(NAME, 1, 5, -10), (NAME, 2, "", "")])
    return used
