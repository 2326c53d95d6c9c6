"""AFEW-VA in the workflow's layout."""

import json
import re

import numpy as np
import pytest
import yaml

from mimamo.cli import main
from mimamo.corpus.annotations import read_annotations
from mimamo.corpus.crop_naming import CropNaming
from mimamo.corpus.crops import list_crops, read_crop
from mimamo.cropping.alignment import TEMPLATE
from support.imports import write_clip

LABELS = {0: (-10, 10), 1: (3, 0), 2: None, 4: (0, -7.5)}


@pytest.fixture
def source(tmp_path):
    write_clip(tmp_path / "AFEW-VA", "001", LABELS)
    write_clip(tmp_path / "AFEW-VA" / "02", "060", {0: (1, 1)}, seed=1)
    return tmp_path / "AFEW-VA"


def test_values_frames_and_crops_arrive(source, tmp_path, capsys):
    out = tmp_path / "out"
    assert main(["import", str(source), str(out)]) == 0
    assert sorted(path.name for path in out.iterdir()) == ["annotations", "config.yaml", "cropped_aligned"]
    text = (out / "annotations/001.txt").read_text()
    assert text == "valence,arousal\n-1,1\n0.3,0\n-5,-5\n-5,-5\n0,-0.75\n"
    assert read_annotations(out / "annotations/060.txt").valence.tolist() == [0.1]
    assert list_crops(out / "cropped_aligned/001", CropNaming()).numbers == [1, 2, 3, 5]
    crop = read_crop(out / "cropped_aligned/001/00001.jpg", grey=True)
    assert crop.shape == (112, 112)
    # The discs of the face lie where aligned faces have eyes, nose and mouth.
    assert min(crop[round(y), round(x)] for x, y in TEMPLATE) > 180 and np.median(crop) < 120
    told = capsys.readouterr().err
    assert "counted from 0 there" in told and "values of -10 to 10 became -1.000 to 0.300" in told
    assert "2 names, 6 frames, 4 of them with labels and 5 with crops" in told


def test_the_configuration_names_what_was_made(source, tmp_path):
    main(["import", str(source), str(tmp_path / "out")])
    config = yaml.safe_load((tmp_path / "out/config.yaml").read_text())
    assert config["root"] == str(tmp_path / "out")
    assert config["data"] == {
        "crops": ["cropped_aligned"],
        "train": "annotations",
        "validation": None,
        "test_list": None,
        "videos": [],
    }


def spoil(source, change) -> None:
    path = source / "001" / "001.json"
    content = json.loads(path.read_text())
    change(content["frames"])
    path.write_text(json.dumps(content))


FAULTS = {
    "above": (lambda frames: frames["00001"].update(valence=11), "'00001': .* from -10 to 10, found 11"),
    "text": (lambda frames: frames["00001"].update(arousal="3"), "arousal: expected a number .*, found '3'"),
    "true": (lambda frames: frames["00001"].update(arousal=True), "arousal: expected .*, found True"),
    "huge": (lambda frames: frames["00001"].update(arousal=10**400), "arousal: expected a number"),
    "half": (lambda frames: frames["00001"].pop("arousal"), "arousal: expected a number .*, found None"),
    "few": (lambda frames: frames["00004"]["landmarks"].pop(), "frame '00004': landmarks: expected 68 pairs"),
    "one place": (lambda frames: frames["00004"].update(landmarks=[[1, 1]] * 68), "all at one place"),
    "no picture": (lambda frames: frames.update({"00009": frames["00001"]}), "00009.png beside it"),
    "key": (lambda frames: frames.update(x=frames["00001"]), "frame 'x': expected frame numbers from 0 on"),
    "twice": (lambda frames: frames.update({"1": frames["00001"]}), "expected every frame once"),
    "list": (lambda frames: frames.update({"00001": []}), r"expected an object .*, found \[\]"),
    "none": (lambda frames: frames.clear(), "001.json: expected an object with the frames"),
}  # fmt: skip


@pytest.mark.parametrize("fault", FAULTS)
def test_a_fault_is_told_with_file_and_frame_and_leaves_nothing(source, tmp_path, capsys, fault):
    change, told = FAULTS[fault]
    spoil(source, change)
    assert main(["import", str(source), str(tmp_path / "out")]) == 1
    (sentence,) = capsys.readouterr().err.splitlines()
    assert "001.json" in sentence
    assert re.search(told, sentence), sentence
    assert [path.name for path in tmp_path.iterdir()] == ["AFEW-VA"]


def test_a_file_that_is_no_json_is_told(source, tmp_path, capsys):
    (source / "001/001.json").write_text("{")
    assert main(["import", str(source), str(tmp_path / "out")]) == 1
    assert "001.json: expected JSON" in capsys.readouterr().err


def test_every_fault_is_told_at_once(source, tmp_path, capsys):
    spoil(source, lambda frames: frames["00001"].update(valence=11))
    (source / "02/060/060.json").write_text("")
    assert main(["import", str(source), str(tmp_path / "out")]) == 1
    told = capsys.readouterr().err
    assert "found 11" in told and "060.json: expected JSON" in told and "(And 1 more fault.)" in told


def test_a_damaged_picture_leaves_nothing(source, tmp_path, capsys):
    (source / "001/00004.png").write_bytes(b"no picture")
    assert main(["import", str(source), str(tmp_path / "out")]) == 1
    assert "00004.png" in capsys.readouterr().err
    assert [path.name for path in tmp_path.iterdir()] == ["AFEW-VA"]


def test_labels_without_landmarks_have_no_crop(source, tmp_path, capsys):
    spoil(source, lambda frames: frames["00001"].pop("landmarks"))
    assert main(["import", str(source), str(tmp_path / "out")]) == 0
    assert list_crops(tmp_path / "out/cropped_aligned/001", CropNaming()).numbers == [1, 3, 5]
    assert "1 labelled frames have no crop" in capsys.readouterr().err


def test_a_clip_in_two_places_is_refused(source, tmp_path, capsys):
    write_clip(source / "01", "001", {0: (0, 0)})
    assert main(["import", str(source), str(tmp_path / "out")]) == 1
    assert "expected every clip once, found '001'" in capsys.readouterr().err


def test_a_folder_of_other_things_is_refused(tmp_path, capsys):
    (tmp_path / "other").mkdir()
    assert main(["import", str(tmp_path / "other"), str(tmp_path / "out")]) == 1
    assert "expected AFEW-VA" in capsys.readouterr().err


@pytest.mark.parametrize("kind", ["folder", "file", "link"])
def test_nothing_is_overwritten(source, tmp_path, capsys, kind):
    out = tmp_path / "out"
    {"folder": out.mkdir, "file": out.touch, "link": lambda: out.symlink_to("nowhere")}[kind]()
    assert main(["import", str(source), str(out)]) == 1
    assert "expected a folder to make, found one already" in capsys.readouterr().err
