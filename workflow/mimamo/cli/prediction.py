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

    No lists are needed. Predictions are averaged over the models. The table for crops has the
    columns of results/filled.csv; the table for videos also has the person, the time in seconds and the
    confidence of the detector. The last five options apply to videos only.

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
        How frames without a crop are filled: report (-5 before the first crop, then the previous prediction),
        previous (the first prediction before the first crop, then the previous one) or interpolate (the
        same, but linear interpolation between crops).
    threads
        Number of CPU threads; by default chosen by the libraries.
    features
        The folder of a stream of features that the models were trained on and that you bring, such as
        voice=my_features, with a file for each name.
    smooth
        Standard deviation in seconds of the Gaussian that smooths landmarks over time, by default 0.1; match
        chooses it so that the crops have the same amount of motion as the models' training crops.
    people
        Which people to predict: largest (one person, the default) or all.
    film
        Output video with boxes, curves and sound; for several videos, a folder.
    crops
        Folder in which to keep the crops; by default they are deleted.
    detector
        ONNX file of another detector, YuNet or RetinaFace; by default the installed YuNet.

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
    r"""Convert a published MIMAMO Net to a checkpoint for predict.

    Parameters
    ----------
    published
        The published file: a dict with state_dict and epoch.
    out
        The checkpoint to write.
    recurrence
        Dimension over which the GRU recurs: time (the frames of a window) or batch (the windows of a run of
        frames, a bug of the published training).
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
