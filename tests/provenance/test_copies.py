"""Copies of a submission that were taken elsewhere find the chain of the run that made them."""

import json
import shutil
from pathlib import Path

import pytest

from support.chain import told


def copied(source: Path, folder: Path) -> Path:
    """Copy a file or folder into a folder."""
    folder.mkdir()
    copy = shutil.copytree if source.is_dir() else shutil.copy
    return Path(copy(source, folder / source.name))


#: What people take away of a submission.
COPIES = ["submission", "submission/per_video", "submission/submission.zip", "submission/per_video/144.txt"]


@pytest.mark.parametrize("path", COPIES)
def test_a_copy_elsewhere_finds_the_chain_of_the_run_that_made_it(
    results, tmp_path, tmp_path_factory, capsys, monkeypatch, path
):
    copy = copied(results / path, tmp_path / "elsewhere")
    monkeypatch.chdir(results.parent)
    status, out, err = told(capsys, copy)
    assert status == 0 and not err and "Weights: random (seed 0)" in out
    # In the folder of the results itself, and in one below it, as well; but not in any other.
    monkeypatch.chdir(results / "submission")
    assert told(capsys, copy)[0] == 0
    monkeypatch.chdir(tmp_path_factory.mktemp("other"))
    assert "copy the run's provenance.json beside it" in told(capsys, copy)[2]


def test_a_copy_finds_the_chain_of_a_run_in_a_folder_of_its_own(results, tmp_path, capsys, monkeypatch):
    copy = copied(results / "submission", tmp_path / "elsewhere")
    (tmp_path / "project/runs").mkdir(parents=True)
    shutil.move(results, tmp_path / "project/runs/affwild2/results")
    monkeypatch.chdir(tmp_path / "project")
    status, out, err = told(capsys, copy)
    assert status == 0 and not err and "Weights: random (seed 0)" in out


@pytest.mark.parametrize("path", COPIES)
def test_a_chain_that_was_copied_along_is_found_beside_the_copy(results, tmp_path, capsys, monkeypatch, path):
    copy = copied(results / path, tmp_path / "elsewhere")
    shutil.copy(results / "provenance.json", tmp_path / "elsewhere")
    monkeypatch.chdir(tmp_path)
    shutil.move(results, tmp_path / "gone")
    status, out, err = told(capsys, copy)
    assert status == 0 and not err and "Weights: random (seed 0)" in out


@pytest.mark.parametrize("path", ["submission", "submission/per_video"])
def test_a_copied_folder_with_another_file_in_it_is_told(results, tmp_path, capsys, path):
    copy = copied(results / path, tmp_path / "elsewhere")
    (copy / "105.txt").write_text("valence,arousal\n0,0\n")
    status, _, err = told(capsys, copy, "--chain", results / "provenance.json")
    assert status == 1 and "bytes that it did not make in 1 files, such as" in err and "105.txt" in err


def test_the_chain_of_another_run_is_passed_over(results, tmp_path, capsys, monkeypatch):
    """A copy lies among the results of another run, whose chain does not have its bytes."""
    copy = copied(results / "submission/submission.zip", tmp_path / "other")
    other = json.loads((results / "provenance.json").read_text())
    other["stages"] = [stage for stage in other["stages"] if stage["rule"] != "submission"]
    (tmp_path / "other/provenance.json").write_text(json.dumps(other))
    monkeypatch.chdir(results.parent)
    status, out, _ = told(capsys, copy)
    assert status == 0 and "made submission/submission.zip" in out
