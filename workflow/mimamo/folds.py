"""Cross-validation folds over groups of names that may show one person."""

from __future__ import annotations

import logging
from pathlib import Path

import numpy as np
import pandas as pd

from mimamo import DIMENSIONS
from mimamo.errors import InputError
from mimamo.files import read_csv, write_csv
from mimamo.verdicts import read_audit

logger = logging.getLogger(__name__)

#: Edges of the label cells that folds are balanced over: low, middle and high of either dimension.
CELL_EDGES = (-1 / 3, 1 / 3)


def write_folds(
    audit_csv: Path, labels_folder: Path, folds_csv: Path, count: int, stop_fraction: float
) -> None:
    """Split the labelled names of training and validation set into folds and write the table of roles.

    Parameters
    ----------
    audit_csv
        The audit, for subset and person group of every name.
    labels_folder
        ``<name>.csv`` with the labelled frames of every usable name.
    folds_csv
        The table to write: fold, name, subset, group, role. In each fold every name has one role: ``score``
        (the fold is scored on it), ``stop`` (early stopping looks at it) or ``train``.
    count, stop_fraction
        Number of folds, and the share of the training side that early stopping looks at. The assignment
        follows from the frames alone: nothing is drawn.

    Raises
    ------
    InputError
        Where there are fewer person groups with labels than the folds need.
    """
    audit = read_audit(audit_csv).set_index("name")
    frames = pd.concat(
        [read_csv(path).assign(name=path.stem) for path in sorted(Path(labels_folder).glob("*.csv"))]
        or [pd.DataFrame()]
    )
    if frames.empty:
        raise InputError(
            f"{labels_folder}: expected at least one name with labelled frames, found none; the summary of "
            "labels and the audit say why each name was left out"
        )
    frames["group"] = frames["name"].map(audit["group"])
    roles = assign_roles(frames, count, stop_fraction)
    roles["subset"], roles["group"] = roles["name"].map(audit["subset"]), roles["name"].map(audit["group"])
    write_csv(roles[["fold", "name", "subset", "group", "role"]], folds_csv)
    for fold, table in roles.groupby("fold"):
        counts = frames.groupby("name").size()
        parts = {role: int(counts[part["name"]].sum()) for role, part in table.groupby("role")}
        logger.info("Fold %d: %s frames", fold, ", ".join(f"{role} {n}" for role, n in parts.items()))


def assign_roles(frames: pd.DataFrame, count: int, stop_fraction: float) -> pd.DataFrame:
    """Give every name its role in every fold.

    Groups are assigned so that folds are alike in their number of frames and in how these spread over nine
    cells of the valence-arousal plane (scikit-learn's stratified group K-fold).

    Parameters
    ----------
    frames
        One row per labelled frame: name, group, valence, arousal.
    count, stop_fraction
        See `write_folds`.

    Returns
    -------
    pandas.DataFrame
        fold, name, role; sorted by fold and name.
    """
    frames = frames.sort_values(["name", "frame"], ignore_index=True)
    names = frames[["name", "group"]].drop_duplicates(ignore_index=True)
    tables = []
    for fold, scored in enumerate(_split(frames, count, "folds.count")):
        left = frames[~frames["group"].isin(scored)].reset_index(drop=True)
        if left["group"].nunique() < 2:
            raise InputError(
                f"folds.count is {count}, which leaves fold {fold} without two person groups, one to train"
                " on and one to stop by, as one group has too many of the labelled frames; raise folds.count,"
                " or tell its people apart in the file that data.groups names"
            )
        parts = _split(left, max(2, round(1 / stop_fraction)), "folds.stop_fraction")
        # Another part in every fold, so that the folds do not all stop by the same few people.
        stop = parts[fold % len(parts)]
        role = np.select([names["group"].isin(scored), names["group"].isin(stop)], ["score", "stop"], "train")
        tables.append(pd.DataFrame({"fold": fold, "name": names["name"], "role": role}))
    return pd.concat(tables, ignore_index=True)


def _split(frames: pd.DataFrame, parts: int, option: str) -> list[set[str]]:
    """Return the groups of each of `parts` balanced parts."""
    import warnings

    from sklearn.model_selection import StratifiedGroupKFold

    groups = frames["group"].nunique()
    if option == "folds.count" and groups < parts + 2:
        raise InputError(
            f"{option} is {parts}, which needs at least {parts + 2} person groups with labels (in each fold "
            f"one to score, one to stop by and one to train on), found {groups}; lower it or see the audit "
            "for what is missing"
        )
    parts = min(parts, groups)
    cells = sum(3**i * np.digitize(frames[d], CELL_EDGES) for i, d in enumerate(DIMENSIONS))
    if np.bincount(cells).max() < parts:
        # Too few frames to be balanced over cells; over groups they still are.
        cells = np.zeros_like(cells)
    splitter = StratifiedGroupKFold(parts)
    with warnings.catch_warnings():
        # Small corpora have cells with fewer frames than folds; the balance is then as good as it can be.
        warnings.filterwarnings("ignore", message="The least populated class")
        split = list(splitter.split(frames, cells, frames["group"]))
    return [set(frames["group"].iloc[rows]) for _, rows in split]
