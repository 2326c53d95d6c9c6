"""Commands that predict, or prepare it."""

from __future__ import annotations

from typing import Literal

from mimamo import DIMENSIONS
from mimamo.cli.parameters import (
    Count,
    Csv,
    File,
    Folder,
    Models,
    NamedFolders,
    Names,
    Place,
    SecondsOrMatch,
    Sources,
)
from mimamo.cli.videos import SMOOTH, People, cores
from mimamo.jobs.job import limit_threads

#: Those of `mimamo.postprocessing.gaps` and `mimamo.model.sizes`, which take a while to import.
Policy = Literal["report", "previous", "interpolate"]
Recurrence = Literal["time", "batch"]


def predict(
    *sources: Sources,
    models: Models,
    out: Csv,
    policy: Policy = "report",
    threads: Count | None = None,
    features: NamedFolders = (),
    smooth: SecondsOrMatch | None = None,
    people: People | None = None,
    film: File | None = None,
    crops: Folder | None = None,
    detector: File | None = None,
) -> int:
    r"""Predict valence and arousal of your own videos or aligned crops.

    No lists are needed. The prediction for a frame is the mean of the models'. The table of crops has the
    columns of results/filled.csv; that of videos also the person, the time in seconds and the detector's
    confidence. The last five options are for videos.

    Parameters
    ----------
    sources
        Crops 00001.jpg, 00002.jpg and so on of one name, or one folder of them per name; or videos, or
        folders of them.
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
    features
        The folder of a stream of features that the models were trained on and that you bring, such as
        voice=my_features, with a file for each name.
    smooth
        Standard deviation in seconds of the Gaussian that smooths landmarks over time, by default 0.1; match
        takes the one with which the crops move as much as those that the models were trained on.
    people
        Who is predicted: largest (one person, the default) or all.
    film
        The film to write, with boxes, curves and sound; of several videos, a folder of films.
    crops
        The folder to keep the crops in; by default they are removed at the end.
    detector
        The ONNX file of another detector, YuNet or RetinaFace; by default the YuNet that is installed.

    Returns
    -------
    int
        0 where the table was written.

    Examples
    --------
    mimamo predict my_crops --models results/train/fold*/model.pt \
      --out predictions.csv
    mimamo predict my_film.mp4 --models results/train/fold*/model.pt \
      --out predictions.csv --film my_film_with_values.mp4
    """
    if threads:
        limit_threads(threads)
    from mimamo.own_data.crops import predict_own_crops
    from mimamo.own_video.sources import crops_folder, refuse_for_crops

    if (folder := crops_folder(sources)) is not None:
        refuse_for_crops(folder, smooth=smooth, people=people, film=film, crops=crops, detector=detector)
        predict_own_crops(folder, models, out, policy=policy, features=dict(features))
        return 0
    from mimamo.cropping.crop import CropSettings
    from mimamo.own_video.predict import VideoSettings, predict_videos

    seconds = SMOOTH if smooth in (None, "match") else smooth
    cutting = CropSettings(seconds, people or "largest", detector, threads or cores())
    settings = VideoSettings(cutting, smooth == "match", policy)
    return 0 if predict_videos(sources, models, out, settings, crops, film, dict(features)) else 1


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
        What the GRU recurs over: time (the frames of a window) or batch (the windows of a run of frames, as
        in the published training, by mistake).
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
