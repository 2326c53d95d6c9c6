"""The results of a small run: its names, tables and submission."""

from pathlib import Path

import pandas as pd

from mimamo.demo.cast import CAST
from mimamo.storage.files import read_csv

#: The clips of the demo that the workflow predicts, and those that it learns from, by name.
TESTS = {clip.name: clip for clip in CAST if clip.subset == "test"}
FITTED = {clip.name: clip for clip in CAST if clip.subset != "test"}


def lines(results: Path, name: str) -> list[str]:
    """The lines of a name's text in the submission, without its header."""
    header, *values = (results / f"submission/per_video/{name}.txt").read_text().splitlines()
    assert header == "valence,arousal"
    return values


def missing(values: list[str]) -> list[bool]:
    """Say of each line whether it is -5 for both values."""
    return [value == "-5,-5" for value in values]


def table(results: Path, path: str) -> pd.DataFrame:
    """Read one of the tables."""
    return read_csv(results / path)
