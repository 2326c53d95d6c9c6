"""What `mimamo crop` left behind."""

from pathlib import Path

import pandas as pd

from mimamo.corpus.crop_naming import CropNaming
from mimamo.corpus.crops import list_crops
from mimamo.cropping.crop_table import read_table


def numbers(out: Path, name: str) -> list[int]:
    """The frames that a name has crops of."""
    return list_crops(out / name, CropNaming()).numbers


def table(out: Path, video: str) -> pd.DataFrame:
    """The table of a video."""
    return read_table(out / f"{video}.csv")


def names(out: Path) -> list[str]:
    """The folders of crops."""
    return sorted(path.name for path in out.iterdir() if path.is_dir())
