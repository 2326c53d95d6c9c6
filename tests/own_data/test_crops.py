"""Predictions for crops of one's own: the table's rows, and what is said of crops that cannot be read."""

import os
import shutil
from pathlib import Path

import numpy as np
import pytest
import torch

from mimamo import DIMENSIONS
from mimamo.cli import main
from mimamo.dataset.recordings import open_recordings
from mimamo.features.extract import features_batch
from mimamo.model.checkpoint import load_checkpoint
from mimamo.model.inference import predict_recording
from mimamo.phase.cache import phase_batch
from mimamo.phase.steerable_pyramid import build_filters, save_filters
from mimamo.postprocessing.gaps import POLICIES
from mimamo.storage.files import read_csv
from support.commands import sentence
from support.corpus import write_usable_crops
from support.fold import caches
from support.gaps import fill_gaps
from support.models import LENGTHS, NUMBERS, SPATIAL, features_of_random_weights, predict

pytestmark = pytest.mark.usefixtures("one_thread")


@pytest.fixture(scope="module")
def expected(own, models, tmp_path_factory):
    """What the workflow's stages give, one after the other: frames and values by name."""
    folder = tmp_path_factory.mktemp("workflow")
    save_filters(build_filters(), folder / "filters.npz")
    batch = {
        "keys": dict.fromkeys(NUMBERS, "as given"),
        "audit": write_usable_crops(folder / "audit", NUMBERS),
        "data": {"crops": [own.name]},
        "root": str(own.parent),
    }
    phase_batch(**batch, filters=folder / "filters.npz", folder=folder / "phase")
    features_batch(**batch, spatial=SPATIAL, folder=folder / "features")
    recordings = open_recordings(NUMBERS, caches(folder))
    networks = [load_checkpoint(path).network for path in models]
    values = {
        name: np.mean([predict_recording(network, recordings[name], 8, 4)[1] for network in networks], axis=0)
        for name in NUMBERS
    }
    assert max(value.max() for value in values.values()) > 1 > min(value.min() for value in values.values())
    return {name: (np.array(NUMBERS[name]), np.clip(values[name], -1, 1)) for name in NUMBERS}


@pytest.fixture(scope="module")
def usual(own, models, tmp_path_factory) -> Path:
    """The table of all names, by default."""
    path = tmp_path_factory.mktemp("usual") / "out.csv"
    assert predict(own, models, path) == 0
    return path


@pytest.mark.parametrize("policy", [None, *POLICIES])
def test_table_is_what_the_stages_of_the_workflow_give(own, models, expected, usual, tmp_path, policy):
    if policy:
        assert predict(own, models, tmp_path / "out.csv", "--policy", policy) == 0
    table = read_csv(tmp_path / "out.csv" if policy else usual)
    assert list(table) == ["name", "frame", *DIMENSIONS, "source"]
    assert list(table["name"].unique()) == sorted(NUMBERS)
    for name, rows in table.groupby("name"):
        values, source = fill_gaps(*expected[name], LENGTHS[name], policy or "report")
        assert rows["frame"].tolist() == list(range(1, LENGTHS[name] + 1))
        assert rows["source"].tolist() == source.tolist()
        np.testing.assert_allclose(rows[list(DIMENSIONS)], values, atol=2e-6)


def test_crops_of_another_program_give_the_same_rows(own, models, usual, tmp_path):
    root = shutil.copytree(own, tmp_path / "crops")
    for path in sorted(root.glob("*/*.jpg")):
        path.rename(path.with_name(f"frame_det_00_{int(path.stem):06d}.jpg"))
    assert predict(root, models, tmp_path / "out.csv") == 0
    assert (tmp_path / "out.csv").read_bytes() == usual.read_bytes()


def test_crops_of_two_programs_in_one_folder_are_refused(own, models, tmp_path, capsys):
    root = shutil.copytree(own / "105", tmp_path / "105")
    shutil.copy(root / "00001.jpg", root / "000001.jpg")
    assert predict(root, models, tmp_path / "out.csv") == 1
    said = capsys.readouterr().err
    assert "105: expected all crops to be named as 00001.jpg, counted from 1, found 1 other file such" in said


def test_holes_are_filled_and_frames_before_the_first_crop_get_the_reports_mark(own, models, tmp_path):
    predict(own / "my clip", models, tmp_path / "out.csv")
    rows = read_csv(tmp_path / "out.csv").set_index("frame")
    assert rows["source"].value_counts().to_dict() == {"predicted": 17, "previous": 3, "before_first": 2}
    assert (rows.loc[[1, 2], list(DIMENSIONS)] == -5).all(axis=None)
    for hole, before in ((16, 15), (17, 15), (21, 20)):
        assert rows.loc[hole, "valence"] == rows.loc[before, "valence"] != rows.loc[before - 1, "valence"]


def test_a_folder_of_one_name_gives_that_names_rows(own, models, usual, tmp_path, monkeypatch):
    monkeypatch.chdir(own / "my clip")
    assert predict(".", models, tmp_path / "one.csv") == 0
    lines = usual.read_text().splitlines(keepends=True)
    wanted = [line for line in lines if line.startswith(("name,", "my clip,"))]
    assert (tmp_path / "one.csv").read_text() == "".join(wanted) and len(wanted) == 23


def test_unreadable_crops_are_left_out_and_said(own, models, tmp_path, capsys):
    crops = tmp_path / "clip"
    shutil.copytree(own / "105", crops)
    (crops / "00003.jpg").write_bytes(b"no picture")
    (crops / "00006.jpg").write_bytes(b"")
    (crops / "notes.txt").write_text("aside")
    assert predict(crops, models, tmp_path / "out.csv") == 0
    rows = read_csv(tmp_path / "out.csv")
    wanted = ["predicted", "predicted", "previous", "predicted", "previous", "previous"]
    assert rows["source"].tolist() == wanted
    said = capsys.readouterr().err
    assert "clip: 2 unreadable crops left out, the first is" in said and "00003.jpg: expected a JPEG" in said
    assert "1 thing other than crops left out, first 'notes.txt'" in said


def test_a_name_without_usable_crops_is_left_out_and_said(own, models, tmp_path, capsys):
    root = tmp_path / "crops"
    shutil.copytree(own / "105", root / "good")
    for name, file in (("bad", "00001.jpg"), ("other", "frame1.jpg"), ("a,b", "00001.jpg")):
        (root / name).mkdir()
        (root / name / file).write_bytes(b"no picture")
    (root / ".hidden").mkdir()
    assert predict(root, models, tmp_path / "out.csv", "--policy", "previous") == 0
    assert set(read_csv(tmp_path / "out.csv")["name"]) == {"good"}
    warnings = [line for line in capsys.readouterr().err.splitlines() if line.startswith("WARNING")]
    said = [line for line in warnings if "The name" in line]
    assert len(said) == 3 and "What these models predict: trained on an unknown corpus" in warnings[0]
    assert "a,b: expected a folder named like its name, but it holds a comma" in said[0]
    assert "bad: expected crops, found 1 unreadable, first" in said[1]
    assert "other: expected all crops to be named as 00001.jpg, counted from 1, found 1 other file" in said[2]
    assert all(
        f"The name '{name}' is left out." in line for name, line in zip(("a,b", "bad"), said, strict=False)
    )


def test_no_usable_crop_at_all_is_a_failure_that_writes_nothing(models, tmp_path, capsys):
    (tmp_path / "clip").mkdir()
    (tmp_path / "clip" / "00001.jpg").write_bytes(b"no picture")
    assert predict(tmp_path / "clip", models, tmp_path / "out" / "out.csv") == 1
    assert "clip: expected a name with usable crops, found none" in sentence(capsys)
    assert os.listdir(tmp_path / "out") == []


def test_only_the_table_and_its_chain_are_left_behind(own, models, tmp_path):
    assert predict(own / "105", models, tmp_path / "new" / "out.csv") == 0
    assert sorted(os.listdir(tmp_path / "new")) == ["out.csv", "out.csv.json"]


def test_the_table_tells_what_it_was_made_with(own, models, tmp_path, capsys):
    predict(own / "105", models, tmp_path / "out.csv")
    first = (tmp_path / "out.csv.json").read_bytes()
    assert main(["provenance", str(tmp_path / "out.csv")]) == 0
    said = capsys.readouterr().out
    assert f"random (seed 0), SHA-256 {features_of_random_weights()['sha256']}" in said
    assert "made out.csv" in said and said.count("/fold") == len(models)
    predict(own / "105", models, tmp_path / "out.csv")
    assert (tmp_path / "out.csv.json").read_bytes() == first
    (tmp_path / "out.csv").write_text("other\n")
    assert main(["provenance", str(tmp_path / "out.csv")]) == 1
    assert "out.csv: expected" in capsys.readouterr().err


def test_faults_in_paths_are_told_in_a_sentence(own, models, tmp_path, capsys):
    shutil.copytree(own, tmp_path / "mixed")
    shutil.copy(own / "105" / "00001.jpg", tmp_path / "mixed")
    assert predict(tmp_path / "mixed", models, tmp_path / "out.csv") == 1
    assert "found 1 crop beside the folder '105'; keep them apart" in sentence(capsys)
    assert predict(own, [tmp_path / "gone.pt"], tmp_path / "out.csv") == 1
    assert "gone.pt: expected a checkpoint, found nothing there" in sentence(capsys)
    assert predict(own, [tmp_path], tmp_path / "out.csv") == 1
    assert f"{tmp_path}: expected a checkpoint, found a folder" in sentence(capsys)
    assert predict(own, models, tmp_path) == 1
    assert "expected a file to write, found a folder" in sentence(capsys)
    assert predict(own, models, models[0] / "out.csv") == 1
    assert "expected a folder that can be written to, found a file; set --out" in sentence(capsys)


@pytest.mark.parametrize(
    "wrong",
    [
        ["crops"],
        ["crops", "--models", "m.pt"],
        ["crops", "--models", "--out", "o.csv"],
        ["crops", "--models", "m.pt", "--out", "o.csv", "--policy", "next"],
        ["crops", "--models", "m.pt", "--out", "o.csv", "--threads", "0"],
        ["--models", "m.pt", "--out", "o.csv"],
    ],
)
def test_wrong_usage_ends_with_two(wrong, capsys):
    with pytest.raises(SystemExit) as ended:
        main(["predict", *wrong])
    assert ended.value.code == 2
    assert "usage: mimamo predict" in capsys.readouterr().err


def test_threads_are_limited_as_asked(own, models, tmp_path, monkeypatch):
    monkeypatch.setattr(os, "environ", dict(os.environ))
    assert predict(own / "105", models, tmp_path / "out.csv", "--threads", "2") == 0
    assert torch.get_num_threads() == 2
    torch.set_num_threads(1)
