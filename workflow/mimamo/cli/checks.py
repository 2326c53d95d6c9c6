"""Commands that check what came out, of a run or of anybody's hands."""

from __future__ import annotations

import logging
import os
import sys
from typing import Annotated

from cyclopts import ArgumentCollection, Group, Parameter

from mimamo.cli.parameters import Csv, File, Flag, Json, Place

logger = logging.getLogger(__name__)


def _exactly_one(options: ArgumentCollection) -> None:
    """Refuse none and several of these options."""
    given = [option.name for option in options.filter_by(value_set=True)]
    if len(given) != 1:
        names = ", ".join(option.name for option in options)
        raise ValueError(f"expected one of {names}, found {' and '.join(given) or 'none'}")


_LENGTHS = Parameter(group=Group("Expected names and lengths (one of these)", validator=_exactly_one))


def validate(
    submission: Place,
    /,
    *,
    expected: Annotated[Csv | None, _LENGTHS] = None,
    frame_list: Annotated[File | None, _LENGTHS] = None,
    sample_list: Annotated[File | None, _LENGTHS] = None,
    check: Csv | None = None,
) -> int:
    """Check a submission of any program.

    Names, header, column order, number of lines, value range, and numbers and order of frames are checked.
    Every problem is reported with file and line.

    Parameters
    ----------
    submission
        A folder, a zip or a text file, with one text file per name, one for all names, or both.
    expected
        A run's results/gaps.csv.
    frame_list
        A text file with a name and its number of frames on each line.
    sample_list
        The organisers' sample submission, which lists every name/00001.jpg.
    check
        CSV file to write, with the verdict for every name.

    Returns
    -------
    int
        0 for a valid submission, 1 for another.

    Examples
    --------
    mimamo validate submission.zip --expected results/gaps.csv
    """
    from mimamo.storage.files import write_csv
    from mimamo.submission import validate as validation

    if expected:
        lengths = validation.expected_from_gaps(expected)
    elif frame_list:
        lengths = validation.expected_from_frame_list(frame_list)
    else:
        lengths = validation.expected_from_sample_list(sample_list)
    found = validation.validate(submission, lengths)
    found.log()
    if check:
        write_csv(found.table, check)
    return 0 if found.valid else 1


def provenance(result: Place, /, *, chain: Json | None = None, full: Flag = False) -> int:
    """Show the weights, settings and code behind a submission.

    Works for any other result too, and checks that the files behind it have not changed.

    Parameters
    ----------
    result
        results/submission, its zip, or another result.
    chain
        The run's results/provenance.json. By default it is searched for in the result's folder, in its
        parent folders, and in the run of the working folder.
    full
        Also compare the content of phase differences, features and the data set's files.

    Returns
    -------
    int
        0 where nothing has changed since.

    Examples
    --------
    mimamo provenance results/submission
    """
    from mimamo.provenance.chain import chain_lines, check_chain, find_chain
    from mimamo.provenance.data import FOLDER, check_data

    found = find_chain(result, chain)
    states, findings = check_chain(found, result, full)
    data, changes = check_data(found.folder / FOLDER, full)
    try:
        print(*chain_lines(found, states), *filter(None, [data]), sep="\n", flush=True)
    except BrokenPipeError:
        # Whoever read it has seen enough. Python would try once more to write the rest when it ends.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    problems = [*findings.problems, *changes.problems]
    for problem in problems:
        logger.error("%s", problem)
    return 1 if problems else 0
