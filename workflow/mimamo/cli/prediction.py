"""Commands that predict, or prepare it."""

from __future__ import annotations

from typing import Literal

from mimamo import DIMENSIONS
from mimamo.cli.parameters import Count, Csv, Models, Names, Place
from mimamo.jobs.job import limit_threads

#: Those of `mimamo.postprocessing.gaps` and `mimamo.model.network`, which take a while to import.
Policy = Literal["report", "previous", "interpolate"]
Recurrence = Literal["time", "batch"]


def predict(
    crops: Place,
    /,
    *,
    models: Models,
    out: Csv,
    policy: Policy = "report",
    threads: Count | None = None,
) -> int:
    r"""Predict valence and arousal of aligned crops of your own.

    No lists are needed. The prediction for a frame is the mean of the models'; the table has the columns of
    results/filled.csv.

    Parameters
    ----------
    crops
        Crops 00001.jpg, 00002.jpg and so on of one name, or one folder of them per name.
    models
        Checkpoints of one run, such as results/train/fold*/model.pt.
    out
        The table to write.
    policy
        What frames without a crop get: report (-5 before the first crop, then the prediction before),
        previous (the next prediction before the first crop, then the one before) or interpolate (the
        same, but a line between two crops).
    threads
        How many threads compute; by default as many as the libraries choose.

    Returns
    -------
    int
        0 where the table was written.

    Examples
    --------
    mimamo predict my_crops --models results/train/fold*/model.pt \
      --out predictions.csv
    """
    if threads:
        limit_threads(threads)
    from mimamo.own_data.crops import predict_own_crops

    predict_own_crops(crops, models, out, policy=policy)
    return 0


def convert(
    published: Place,
    out: Place,
    /,
    *,
    recurrence: Recurrence = "time",
    outputs: Names = DIMENSIONS,
) -> int:
    r"""Make a checkpoint of a published MIMAMO Net, for predict.

    Parameters
    ----------
    published
        The published file: a dict with state_dict and epoch.
    out
        The checkpoint to write.
    recurrence
        What the GRU follows: time (the frames of a window) or batch (the windows of a run of frames, as the
        published training had it by mistake).
    outputs
        The network's outputs in their order, with commas between them.

    Returns
    -------
    int
        0 where the checkpoint was written.

    Examples
    --------
    mimamo convert published.pth.tar model.pt --recurrence time \
      --outputs valence,arousal
    """
    from mimamo.own_data.published import convert

    convert(published, out, recurrence, outputs)
    return 0
