"""Checks of the containers' sound, where streams are made of it: of a name, and of all names together."""

from __future__ import annotations

from collections.abc import Iterable
from os import PathLike
from pathlib import Path

import numpy as np

from mimamo.audit.name_report import NameReport
from mimamo.audit.sound_survey import CHECK_CONTAINERS
from mimamo.audit.symptoms import Symptom, pluralise
from mimamo.corpus.layout import Corpus
from mimamo.corpus.videos import frame_times
from mimamo.errors import InputError
from mimamo.sound.decoding import has_sound, read_sound
from mimamo.sound.log_mel import SILENCE
from mimamo.sound.placement import frames_with_sound
from mimamo.storage.name_records import NameRecords

CHECK_NONE = "names without sound"
CHECK_SILENT = "sound that is silent"
CHECK_MISSING = "frames without sound"
_MASKED = "the stream is masked in all of its frames"


def check_sound(corpus: Corpus, report: NameReport, decode: bool) -> None:
    """Check the sound of a name's container, where there are streams of sound.

    Parameters
    ----------
    corpus
        The data set.
    report
        The report on the name, with its usable crops. It gets ``sound``, whether the name has any.
    decode
        Whether to decode it, or to trust the header.
    """
    if not corpus.audio:
        return
    name, (stream, settings) = report.cells["name"], next(iter(corpus.audio.items()))
    report.sound = False
    path = next(iter(corpus.containers(str(name))), None)
    if path is None:
        wrong = f"{name}: expected a container with sound for streams.{stream}, found no container"
        report.repair(CHECK_NONE, wrong, _MASKED, "add its video to a folder of data.videos")
        return
    try:
        found = has_sound(path)
        stretches = read_sound(path, int(settings["sample_rate"])) if found and decode else []
        times = frame_times(path) if stretches else np.zeros(0)
    except InputError as error:
        report.repair_from_error(CHECK_NONE, error, _MASKED)
        return
    if not found or (decode and not stretches):
        there = "sound that cannot be decoded" if found else "none in it"
        wrong = f"{path}: expected sound for streams.{stream}, found {there}"
        report.repair(CHECK_NONE, wrong, _MASKED, "get the file with its sound")
        return
    report.sound = True
    if not decode:
        return
    if max(float(np.abs(stretch.samples).max()) for stretch in stretches) < 10 ** (SILENCE / 20):
        wrong = f"{path}: expected sound that can be heard, found silence alone"
        done = f"each of its values is {SILENCE:g} dB"
        report.note(CHECK_SILENT, wrong, done, "check whether the file was copied with its sound")
    present = frames_with_sound(stretches, times, settings)
    missing = [frame for frame in report.frames if frame > len(present) or not present[frame - 1]]
    if missing:
        wrong = (
            f"{path}: expected sound at each of {len(report.frames)} frames with a crop, found none at "
            f"{len(missing)}"
        )
        report.repair(CHECK_MISSING, wrong, "the stream is masked in them", "", missing)


def read_sound_records(folder: str | PathLike, names: Iterable[str]) -> dict[str, bool]:
    """Read which names have sound by the audit's records; empty without a stream of sound."""
    records = NameRecords(Path(folder))
    found = {name: records.read(name).get("sound") for name in sorted(names)}
    return {name: has for name, has in found.items() if has is not None}


def sound_symptoms(corpus: Corpus, has: dict[str, bool]) -> list[Symptom]:
    """Return the fault of a corpus of which no video has sound, with which no stream could be made.

    Parameters
    ----------
    corpus
        The data set.
    has
        Which names have sound, from `read_sound_records`.
    """
    if not has or any(has.values()):
        return []
    wrong = f"{corpus.root}: expected a video with sound for a stream of kind audio, found none of "
    remedy = "get the videos with their sound, or remove the stream with null"
    return [Symptom(CHECK_CONTAINERS, "fault", wrong + pluralise(has, "name"), remedy=remedy)]
