"""Tracking: settings, curves, scores and files of every run in MLflow, beside those of other projects.

The store is a database and a folder of files below the results, or the server that the environment variable
MLFLOW_TRACKING_URI names. What is there already, as a digest of all that is logged says, is not logged again;
what changed becomes a run of its own beside the earlier one, as is the habit of trackers.
"""

from __future__ import annotations

import json
import logging
import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from os import PathLike
from pathlib import Path
from typing import TYPE_CHECKING

from mimamo.errors import InputError
from mimamo.storage.files import atomic_write, file_hash, read_csv
from mimamo.storage.name_records import key_of

if TYPE_CHECKING:
    from mlflow import MlflowClient
    from mlflow.entities import Metric

logger = logging.getLogger(__name__)

#: The value of the option ``tracking``, and the package that it needs.
MLFLOW = "mlflow"
#: The tag by which a run that was logged is found again.
DIGEST = "mimamo.digest"
#: What a server takes at once.
_MOST_PARAMETERS, _MOST_METRICS = 100, 1000


@dataclass(frozen=True)
class TrackedRun:
    """What is logged of a run.

    Attributes
    ----------
    name
        Its name, with its seed where it has several.
    config
        Its configuration, by section.
    histories
        The history.csv of every fold, in the order of the folds.
    scores
        Its scores.csv.
    files
        Further files to keep with it: page, provenance.
    """

    name: str
    config: Mapping[str, object]
    histories: Sequence[str | PathLike]
    scores: str | PathLike
    files: Sequence[str | PathLike] = ()

    def digest(self) -> str:
        """Return a digest of all that is logged, but for the further files, which contain times."""
        files = [file_hash(Path(path)) for path in (*self.histories, self.scores)]
        return key_of(self.name, dict(self.config), files)


def check_installed(tracking: str | None) -> None:
    """Check that the package is installed that the option ``tracking`` needs.

    Raises
    ------
    InputError
        Where it is not.
    """
    from importlib.util import find_spec

    if tracking == MLFLOW and find_spec(MLFLOW) is None:
        raise InputError(
            "Configuration: tracking is mlflow, expected that package to be installed; install it with "
            "pip install mlflow, or set tracking to null."
        )


def log_run(run: TrackedRun, experiment: str, folder: str | PathLike, record: str | PathLike) -> None:
    """Log a run in MLflow, unless the same is there already.

    Parameters
    ----------
    run
        The run.
    experiment
        The experiment's name, under which it is found.
    folder
        The folder of the local store, which is made. It is not used where MLFLOW_TRACKING_URI names another.
    record
        JSON to write: the store, and the run's identifier there.

    Raises
    ------
    InputError
        Where the store cannot be used.
    """
    from filelock import FileLock
    from mlflow import MlflowClient
    from mlflow.exceptions import MlflowException

    folder = Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    uri = os.environ.get("MLFLOW_TRACKING_URI") or f"sqlite:///{(folder / 'mlflow.db').resolve()}"
    try:
        # Jobs beside this one would make the tables of a new database at the same time.
        with FileLock(folder / "lock"):
            client = MlflowClient(tracking_uri=uri)
            identifier = _logged(client, _experiment(client, experiment, folder / "files"), run)
    except MlflowException as error:
        # Without the cause, which contains the address with its password.
        shown = _without_password(uri)
        raise InputError(
            f"MLflow, store {shown}: expected to log the run {run.name}, found: "
            f"{str(error).replace(uri, shown)} Check MLFLOW_TRACKING_URI, or unset it for a store below "
            "results/."
        ) from None
    written = {"store": _without_password(uri), "experiment": experiment, "run": identifier}
    with atomic_write(record) as path:
        path.write_text(json.dumps(written, indent=2) + "\n", encoding="utf-8")


def _without_password(uri: str) -> str:
    """Return an address without user and password."""
    scheme, separator, rest = uri.partition("://")
    return f"{scheme}{separator}{rest.rpartition('@')[2]}"


def _experiment(client: MlflowClient, name: str, files: Path) -> str:
    """Return the number of an experiment, which is made where there is none."""
    found = client.get_experiment_by_name(name)
    if found is not None:
        return found.experiment_id
    local = None if os.environ.get("MLFLOW_TRACKING_URI") else files.resolve().as_uri()
    return client.create_experiment(name, artifact_location=local)


def _logged(client: MlflowClient, experiment: str, run: TrackedRun) -> str:
    """Log a run where it is not there yet; return its identifier."""
    digest = run.digest()
    found = client.search_runs(
        [experiment], f"tags.`{DIGEST}` = '{digest}' and attributes.status = 'FINISHED'"
    )
    if found:
        logger.info("%s: logged before", run.name)
        return found[0].info.run_id
    created = client.create_run(experiment, run_name=run.name, tags={DIGEST: digest}).info
    parameters, metrics = list(_parameters(run.config)), list(_metrics(run))
    for start in range(0, len(parameters), _MOST_PARAMETERS):
        client.log_batch(created.run_id, params=parameters[start : start + _MOST_PARAMETERS])
    for start in range(0, len(metrics), _MOST_METRICS):
        client.log_batch(created.run_id, metrics=metrics[start : start + _MOST_METRICS])
    for path in (run.scores, *run.files):
        client.log_artifact(created.run_id, str(path))
    # Last, so that one that was broken off is not taken for logged.
    client.set_terminated(created.run_id)
    logger.info("%s: %d parameters, %d values", run.name, len(parameters), len(metrics))
    return created.run_id


def _parameters(config: Mapping[str, object], prefix: str = "") -> Iterator:
    """Give every setting as a parameter, named by its sections."""
    from mlflow.entities import Param

    for key, value in config.items():
        if isinstance(value, Mapping):
            yield from _parameters(value, f"{prefix}{key}.")
        else:
            yield Param(f"{prefix}{key}", json.dumps(value) if not isinstance(value, str) else value)


def _metrics(run: TrackedRun) -> Iterator[Metric]:
    """Give the curves of every fold by epoch, and the scores: pooled, and of every fold."""
    from mlflow.entities import Metric

    for fold, path in enumerate(run.histories):
        table = read_csv(path)
        curves = [column for column in table.select_dtypes("number") if column != "epoch"]
        for row in table.to_dict("records"):
            epoch = int(row["epoch"])
            for column in curves:
                # A value that is missing is not logged.
                if row[column] == row[column]:
                    yield Metric(f"fold{fold}/{column}", float(row[column]), 0, epoch)
    table = read_csv(run.scores)
    for row in table[table["scope"].isin(["pooled", "fold"])].to_dict("records"):
        prefix = "" if row["scope"] == "pooled" else f"fold{row['id']}/score_"
        for column, value in row.items():
            if column.startswith(("ccc_", "pearson_", "rmse_")) and value == value:
                yield Metric(f"{prefix}{column}", float(value), 0, 0)
