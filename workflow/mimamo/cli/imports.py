"""The command that brings annotations of other data sets into the workflow's layout."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Annotated, Literal

from cyclopts import CoercionError, Parameter, Token

from mimamo.cli.parameters import Place
from mimamo.errors import ConfigError


def _range(kind: type, tokens: Sequence[Token]) -> tuple[float, float]:
    """Read two numbers with a comma between them, the lower one first."""
    text = tokens[0].value
    try:
        low, high = map(float, text.split(","))
    except ValueError:
        low = high = math.nan
    if not (math.isfinite(low) and math.isfinite(high) and low < high):
        raise CoercionError(f"expected the lowest and the highest value, such as -10,10, found {text!r}")
    return low, high


#: The ends of a range, which may be below zero.
Range = Annotated[
    tuple[float, float],
    Parameter(name="--range", converter=_range, n_tokens=1, metavar="LOW,HIGH", allow_leading_hyphen=True),
]


def import_(
    source: Place,
    out: Place,
    /,
    *,
    crops: Place | None = None,
    values: Range | None = None,
    first_frame: Literal[0, 1] | None = None,
) -> int:
    r"""Convert annotations of another data set to the workflow's layout.

    AFEW-VA is read as distributed: faces are cropped with its landmarks, and values are rescaled from -10 to
    10 to -1 to 1. Any other data set must be a CSV file with the columns name, frame, valence and
    arousal, with a folder of aligned crops. The output folder contains annotations, crops and a
    configuration file.

    Parameters
    ----------
    source
        The folder of AFEW-VA, or a CSV file.
    out
        The output folder, which must not exist.
    crops
        For a CSV: the folder with one folder of aligned crops per name.
    values
        For a CSV: the range of its values.
    first_frame
        For a CSV: the number of a video's first frame, in the table and of the crops; 1 by default.

    Returns
    -------
    int
        0 where the folder was made.

    Examples
    --------
    mimamo import AFEW-VA my_data
    mimamo import values.csv my_other_data --crops my_crops --range -10,10
    """
    if source.is_dir() and (crops, values, first_frame) != (None, None, None):
        raise ConfigError(
            f"{source}: a folder is taken for AFEW-VA, whose crops, range and numbers are known; leave out "
            "--crops, --range and --first-frame, or name a CSV."
        )
    if not source.is_dir() and None in (crops, values):
        raise ConfigError(
            f"{source}: a CSV of values comes with --crops FOLDER and --range LOW,HIGH, found not "
            "both; add what is missing."
        )
    from mimamo.own_data.layout import ValueRange, check_absent, write_layout

    check_absent(out)
    if source.is_dir():
        from mimamo.own_data.afew_va import RANGE, read_afew_va

        write_layout(out, read_afew_va(source), RANGE)
    else:
        from mimamo.own_data.table import read_table

        stated = ValueRange(*values)
        write_layout(
            out, read_table(source, crops, stated, 1 if first_frame is None else first_frame), stated
        )
    return 0


# A word of Python's own cannot name a function where it is defined.
import_.__name__ = "import"
