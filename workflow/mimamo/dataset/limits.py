"""What a corpus allows of folds, windows and a submission, by names and files alone, before any job runs."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path

from mimamo.errors import ConfigError, InputError

#: The smallest and largest values of ``folds.count``, and the smallest of ``training.window``, by the schema.
FEWEST_FOLDS, MOST_FOLDS, SHORTEST_WINDOW = 2, 50, 2
#: Bytes of the shortest line of an annotation file, ``0,0`` and its end.
SHORTEST_LINE = 4


def check_fold_count(
    count: int, protocol: str, subsets: Mapping[str, str], group: Callable[[str], str]
) -> None:
    """Check that there are enough groups of people for the folds.

    Every fold needs a group to score, one to stop by and one to train on, and a group is in one fold only.
    Unusable names lower the number of groups further, which is checked when folds are assigned.

    Parameters
    ----------
    count, protocol
        ``folds.count`` and ``protocol`` of the configuration.
    subsets
        The subset of every name.
    group
        Returns the person group of a name.

    Raises
    ------
    ConfigError
        Where there are too few groups.
    """
    fitted = ("train", "validation") if protocol == "merged" else ("train",)
    groups = {group(name) for name, subset in subsets.items() if subset in fitted}
    if groups and len(groups) < count + 2:
        remedy = f"{lower_count(len(groups))}add annotations of more people"
        raise ConfigError(
            f"Configuration: folds.count is {count}, which needs at least {count + 2} groups of people (in "
            f"each fold one for scoring, one for early stopping and one for training), found {len(groups)} "
            f"among the names of {' and '.join(fitted)}; {remedy}."
        )


def lower_count(groups: int) -> str:
    """Advise to lower the number of folds to what the groups allow; empty where that is no valid number."""
    most = groups - 2
    return f"lower it to at most {most} or " if most >= FEWEST_FOLDS else ""


def check_window(window: int, annotations: Iterable[Path]) -> None:
    """Check that an annotation file has as many lines as a window has frames.

    The files are read from the largest on, and only until one is long enough.

    Parameters
    ----------
    window
        ``training.window`` of the configuration, in frames.
    annotations
        The annotation files.

    Raises
    ------
    ConfigError
        Where all files are shorter.
    """
    longest = 0
    sizes = {path: path.stat().st_size for path in annotations if path.is_file()}
    for path, size in sorted(sizes.items(), key=lambda entry: entry[1], reverse=True):
        if size // SHORTEST_LINE <= longest:
            break
        with path.open("rb") as handle:
            longest = max(longest, sum(1 for line in handle if line.strip()) - 1)
        if longest >= window:
            return
    if sizes:
        check_longest(window, longest)


def check_longest(window: int, longest: int) -> None:
    """Raise ConfigError where no video is as long as a window."""
    if window <= longest:
        return
    if longest < SHORTEST_WINDOW:
        raise ConfigError(
            f"Configuration: training.window is {window}, expected a video with as many annotated frames, "
            f"found at most {longest} in one; check that the annotation files are complete."
        )
    raise ConfigError(
        f"Configuration: training.window is {window}, expected at most {longest}: no annotated video has "
        "more frames."
    )


def check_test_lengths(unknown: Sequence[str]) -> None:
    """Raise InputError where there are test names of `unknown` length, for which no rows can be submitted."""
    if unknown:
        raise InputError(
            f"Test list: expected names whose number of frames is given by a list, crops or a video, found "
            f"{len(unknown)} without any of them, the first {unknown[0]!a}, so that no submission can be "
            "complete; if the name is right, give its length in data.frame_list, else correct data.test_list."
        )
