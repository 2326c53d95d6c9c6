"""The smoothing that makes crops move as those of training, and what is said where they do not."""

import pytest
import torch

from mimamo.cropping.crop import CropSettings, crop_video
from mimamo.cropping.crop_table import landmarks_of, read_table
from mimamo.model.checkpoint import Checkpoint
from mimamo.own_video.matching import CANDIDATES, FaceTrack, matching_seconds, measure_energy
from mimamo.own_video.motion import TrainingMotion
from mimamo.phase.differences import PhaseDifference
from mimamo.phase.energy import energy_of
from mimamo.phase.grey import grey48
from mimamo.phase.steerable_pyramid import build_filters
from support.films import FRAMES, predict
from support.images import read_greys
from support.models import write_model

pytestmark = pytest.mark.usefixtures("one_thread")


@pytest.fixture(scope="module")
def phase() -> PhaseDifference:
    return PhaseDifference(build_filters())


@pytest.fixture(scope="module")
def track(predicted) -> FaceTrack:
    return FaceTrack(*landmarks_of(predicted.crop_table, "my film"))


def test_measured_energy_is_that_of_the_crops_that_would_be_written(predicted, track, phase, tmp_path):
    measure = measure_energy(predicted.video, 0, track, phase)
    for seconds in (0.0, 0.1):
        folder = tmp_path / str(seconds)
        crop_video(predicted.video, folder, CropSettings(smoothing=seconds))
        with torch.inference_mode():
            maps = phase(torch.from_numpy(grey48(read_greys(folder / "my film"))))[0].numpy()
        assert measure(seconds) == pytest.approx(energy_of([maps]), rel=0.05)


def test_the_smoothing_is_found_with_which_crops_were_made(predicted, track, phase):
    measure = measure_energy(predicted.video, 0, track, phase)
    energies = [measure(seconds) for seconds in CANDIDATES]
    assert energies[0] > 1.3 * energies[6]
    for place in (0, 4, 6):
        best = matching_seconds(predicted.video, 0, track, energies[place], phase)
        assert energies[CANDIDATES.index(best)] == pytest.approx(energies[place], rel=1e-6)
    assert matching_seconds(predicted.video, 0, track, 100.0, phase) in (0.0, CANDIDATES[1])


def checkpoint(**energy: float) -> Checkpoint:
    return Checkpoint(None, {}, {}, {}, {}, 0, 1, energy, demo=None, streams={})


def test_motion_of_several_models():
    models = [checkpoint(median=m, smallest=m / 2, largest=3 * m) for m in (0.1, 0.2, 0.12)]
    motion = TrainingMotion.of_models([*models, checkpoint()])
    assert motion == TrainingMotion(0.12, 0.05, pytest.approx(0.6))
    assert [motion.is_far(energy) for energy in (0.05, 0.07, 0.12, 0.23, 0.25)] == [
        True,
        False,
        False,
        False,
        True,
    ]
    assert not motion.is_far(float("nan"))
    assert "0.300, 2.5 times the median" in motion.describe(0.3)
    assert TrainingMotion.of_models([checkpoint()]) is None


def test_crops_that_move_otherwise_are_reported_and_match_mends_it(predicted, track, phase, tmp_path, capsys):
    measure = measure_energy(predicted.video, 0, track, phase)
    wanted = measure(0.0)
    energy = {"median": wanted, "smallest": wanted / 2, "largest": wanted * 2}
    model = write_model(tmp_path / "m.pt", 0, phase_energy=energy)
    assert predict([predicted.video], [model], tmp_path / "a.csv", "--smooth", "10") == 0
    far = measure(10.0) < wanted / 2
    assert ("do not move as those of training" in (said := capsys.readouterr().err)) is far
    if far:
        assert "--smooth match" in said
    crops = tmp_path / "crops"
    options = ["--smooth", "match", "--crops", str(crops)]
    assert predict([predicted.video], [model], tmp_path / "b.csv", *options) == 0
    said = capsys.readouterr().err
    assert "landmarks are smoothed over 0 s, which matches training best" in said
    assert "do not move as those" not in said
    assert len(read_table(crops / "my film.csv")) == FRAMES


def test_much_more_motion_than_in_training_is_reported_with_a_remedy(predicted, tmp_path, capsys):
    energy = {"median": 1e-3, "smallest": 1e-3, "largest": 2e-3}
    model = write_model(tmp_path / "m.pt", 0, phase_energy=energy)
    assert predict([predicted.video], [model], tmp_path / "a.csv") == 0
    said = capsys.readouterr().err
    assert "my film: the crops do not move as those of training: their phase energy is" in said
    assert "smoothed over 0.1 s; " in said and " s would match best (--smooth match)" in said
