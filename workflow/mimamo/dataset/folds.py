"""Cross-validation folds over groups of names that may show the same person."""

from __future__ import annotations

import logging
from os import PathLike
from pathlib import Path

import numpy as np
import pandas as pd

from mimamo import DIMENSIONS
from mimamo.audit.tables import read_audit
from mimamo.dataset.balanced_splits import balanced_splits
from mimamo.dataset.groups import merge_groups
from mimamo.dataset.limits import MOST_FOLDS, lower_count
from mimamo.errors import InputError
from mimamo.storage.files import join_tables, read_csv, read_named_values, write_csv
from mimamo.storage.frame_rows import run_starts

logger = logging.getLogger(__name__)

#: The roles of names that no fold may see.
HELD_OUT = ("validation", "left_out")
#: Edges of the label cells that folds are balanced over: low, middle and high of either dimension.
CELL_EDGES = (-1 / 3, 1 / 3)


def write_folds(
    audit_csv: Path,
    labels_folder: Path,
    folds_csv: Path,
    count: int,
    stop_fraction: float,
    protocol: str = "merged",
) -> None:
    """Split the labelled names into folds and write the table of roles.

    Parameters
    ----------
    audit_csv
        The audit, for subset and person group of every name.
    labels_folder
        ``<name>.csv`` with the labelled frames of every usable name.
    folds_csv
        The table to write: fold, name, subset, group, role. In each fold every name has one role: ``score``
        (the fold is scored on it), ``stop`` (early stopping uses it) or ``train``. Names of the protocol
        ``official`` that no fold may see are ``validation`` (all folds together are scored on it) or
        ``left_out`` (a training name that may show a person of the validation set).
    count, stop_fraction
        Number of folds, and the share of the training side that early stopping uses; 0: none. The assignment
        depends on the frames alone: nothing is random.
    protocol
        ``merged`` makes folds of training and validation set together, as the technical report does;
        ``official`` of the training set alone.

    Raises
    ------
    InputError
        Where there are fewer person groups with labels than the folds need, and where the protocol
        ``official`` finds no labelled validation name.
    """
    audit = read_audit(audit_csv).set_index("name")
    paths = sorted(Path(labels_folder).glob("*.csv"))
    frames = read_named_values({path.stem: path for path in paths})
    if frames.empty:
        raise InputError(
            f"{labels_folder}: expected at least one name with labelled frames, found none; the summary of "
            "labels and the audit say why each name was left out"
        )
    counts = count_cells(frames)
    labelled = audit.loc[counts.index]
    shared = zip(labelled["group"], labelled["container"], strict=True)
    groups = pd.Series(merge_groups(dict(zip(labelled.index, shared, strict=True))))
    held_out = _held_out(groups, audit) if protocol == "official" else {}
    fitted = counts[~counts.index.isin(list(held_out))]
    roles = _with_held_out(assign_roles(fitted, groups, count, stop_fraction), held_out)
    roles["subset"], roles["group"] = roles["name"].map(audit["subset"]), roles["name"].map(groups)
    write_csv(roles[["fold", "name", "subset", "group", "role"]], folds_csv)
    lengths = counts.sum(axis=1)
    for fold, table in roles.groupby("fold"):
        by_role = {role: int(lengths[rows["name"]].sum()) for role, rows in table.groupby("role")}
        logger.info("Fold %d: %s frames", fold, ", ".join(f"{role} {n}" for role, n in by_role.items()))


def count_cells(frames: pd.DataFrame) -> pd.DataFrame:
    """Count the frames of every name in the nine cells of the valence-arousal plane.

    Parameters
    ----------
    frames
        One row per labelled frame: name, valence, arousal.

    Returns
    -------
    pandas.DataFrame
        A row for every name, sorted, and a column for every cell.
    """
    text = frames["name"].to_numpy()
    starts = run_starts(text)
    names, of_run = np.unique(text[starts].astype(object), return_inverse=True)
    number = np.repeat(of_run, np.diff(starts, append=len(text)))
    cells = sum(3**i * np.digitize(frames[d].to_numpy(), CELL_EDGES) for i, d in enumerate(DIMENSIONS))
    counts = np.bincount(9 * number + cells, minlength=9 * len(names)).reshape(-1, 9)
    return pd.DataFrame(counts, index=pd.Index(names, name="name"))


def _held_out(groups: pd.Series, audit: pd.DataFrame) -> dict[str, str]:
    """Return the role of every name that no fold of the protocol ``official`` may see; `groups` by name."""
    names = pd.DataFrame({"name": groups.index, "group": groups.to_numpy()})
    validation = names[names["name"].map(audit["subset"]) == "validation"]
    if validation.empty:
        raise InputError(
            "protocol is official, which needs labelled names of the validation set, found none; set "
            "data.validation to the folder of its annotations, or protocol to merged"
        )
    shared = names[names["group"].isin(validation["group"]) & ~names["name"].isin(validation["name"])]
    if len(shared):
        logger.warning(
            "Left out of training, as they may show a person of the validation set: %s",
            ", ".join(sorted(shared["name"])),
        )
    return dict.fromkeys(shared["name"], "left_out") | dict.fromkeys(validation["name"], "validation")


def _with_held_out(roles: pd.DataFrame, held_out: dict[str, str]) -> pd.DataFrame:
    """Add the names that no fold may see to every fold, sorted by fold and name."""
    if not held_out:
        return roles
    tables = [roles] + [
        pd.DataFrame({"fold": fold, "name": list(held_out), "role": list(held_out.values())})
        for fold in roles["fold"].unique()
    ]
    return join_tables(tables, ["fold", "name", "role"]).sort_values(["fold", "name"], ignore_index=True)


def held_out_names(folds_csv: str | PathLike) -> set[str]:
    """Return the names that no fold may see."""
    table = read_csv(folds_csv)
    return set(table[table["role"].isin(HELD_OUT)]["name"])


def check_sides(folds_csv: str | PathLike) -> None:
    """Check that no fold trains on, or stops by, a name that it is scored on, or another one of its group.

    Parameters
    ----------
    folds_csv
        The table of roles, see `write_folds`.

    Raises
    ------
    InputError
        Where one does, as the table was made or changed by something else.
    """
    table = read_csv(folds_csv)
    seen = table[table["role"].isin(["train", "stop"])]
    scored = table[table["role"].isin(["score", "validation"])]
    for fold in table["fold"].unique():
        ours, theirs = seen[seen["fold"] == fold], scored[scored["fold"] == fold]
        for column, what in (("name", "the same name"), ("group", "one of the same group")):
            leaks = ours[ours[column].isin(theirs[column])]
            if len(leaks):
                name, role = leaks[["name", "role"]].iloc[0]
                raise InputError(
                    f"{folds_csv}: in fold {fold}, {name} has the role '{role}', and {what} is scored, "
                    "expected them on one side; delete the table, so that the workflow recreates it"
                )


def assign_roles(counts: pd.DataFrame, groups: pd.Series, count: int, stop_fraction: float) -> pd.DataFrame:
    """Assign every name its role in every fold.

    Groups are assigned so that folds are alike in their number of frames and in how these spread over nine
    cells of the valence-arousal plane, see `mimamo.dataset.balanced_splits`.

    Parameters
    ----------
    counts
        The labelled frames of every name in each cell, from `count_cells`.
    groups
        The group of (at least) these names.
    count, stop_fraction
        See `write_folds`.

    Returns
    -------
    pandas.DataFrame
        fold, name, role; sorted by fold and name.
    """
    group_of = counts.index.map(groups)
    counted = counts.groupby(group_of, sort=True).sum()
    tables = []
    for fold, scored in enumerate(_split(counted, count, "folds.count")):
        remaining = counted[~counted.index.isin(scored)]
        if len(remaining) < 2:
            more = _larger_count(counted, count)
            raise InputError(
                f"folds.count is {count}, which leaves fold {fold} without two person groups, one to train"
                " on and one to stop by, as one group has too many of the labelled frames;"
                f"{f' raise folds.count to {more}, or' if more else ''} separate its people in the file that"
                " data.groups names"
            )
        stop: set[str] = set()
        if stop_fraction:
            splits = _split(remaining, max(2, round(1 / stop_fraction)), "folds.stop_fraction")
            # Another split in every fold, so that the folds do not all stop by the same few people.
            stop = splits[fold % len(splits)]
        role = np.select([group_of.isin(scored), group_of.isin(stop)], ["score", "stop"], "train")
        tables.append(pd.DataFrame({"fold": fold, "name": counts.index, "role": role}))
    return join_tables(tables, ["fold", "name", "role"])


def _larger_count(counted: pd.DataFrame, count: int) -> int | None:
    """Return the next larger number of folds that leaves two groups beside each; None where there is none."""
    groups = set(counted.index)
    for larger in range(count + 1, min(len(groups) - 2, MOST_FOLDS) + 1):
        if all(len(groups - scored) >= 2 for scored in _split(counted, larger, "folds.count")):
            return larger
    return None


def _split(counted: pd.DataFrame, n_splits: int, option: str) -> list[set[str]]:
    """Return the groups of each of `n_splits` balanced splits; `option` names their number in the error.

    `counted` has the frames of every group, sorted, in each cell.
    """
    groups = len(counted)
    if option == "folds.count" and groups < n_splits + 2:
        raise InputError(
            f"{option} is {n_splits}, which needs at least {n_splits + 2} person groups with labels (in each "
            f"fold one for scoring, one for early stopping and one for training), found {groups}; "
            f"{lower_count(groups)}see the audit for what is missing"
        )
    n_splits = min(n_splits, groups)
    counts = counted.to_numpy()
    if counts.sum(axis=0).max() < n_splits:
        # Too few frames to be balanced over cells; over groups they still are.
        counts = counts.sum(axis=1, keepdims=True)
    part_of = balanced_splits(counts, n_splits)
    return [set(counted.index[part_of == part]) for part in range(n_splits)]
