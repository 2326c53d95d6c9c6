"""What the project's own commands end with: 0 well, 1 the work failed, 2 wrong usage or configuration."""

import resource
import subprocess
import sys

import pytest

from mimamo.cli import main
from mimamo.errors import ConfigError


@pytest.fixture
def submission(tmp_path):
    (tmp_path / "per_video").mkdir()
    (tmp_path / "per_video/105.txt").write_text("valence,arousal\n0,0\n")
    (tmp_path / "lengths.txt").write_text("105 1\n")
    return tmp_path


def command(folder, *extra: str, lengths: str = "lengths.txt") -> list[str]:
    return ["validate", str(folder / "per_video"), "--frame-list", str(folder / lengths), *extra]


def test_the_process_ends_with_what_main_returns(submission, repo):
    """And a table that cannot be written fails it in a sentence."""

    def no_room():
        resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))

    check = submission / "check.csv"
    done = subprocess.run(
        [sys.executable, "-B", "-m", "mimamo", *command(submission, "--check", str(check))],
        env={"PYTHONPATH": str(repo / "workflow")},
        preexec_fn=no_room,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 1 and "Traceback" not in done.stderr
    assert f"ERROR {check}: expected to be able to write it, found: File too large" in done.stderr
    assert not check.exists()


def test_work_that_is_well_or_fails(submission):
    assert main(command(submission)) == 0
    assert main(command(submission, lengths="nothing.txt")) == 1
    (submission / "lengths.txt").write_text("105 2\n")
    assert main(command(submission)) == 1
    assert main(["validate", str(submission / "none"), "--frame-list", str(submission / "lengths.txt")]) == 1
    assert (
        main(
            ["predict", str(submission), "--models", str(submission / "none"), "--out", str(submission / "x")]
        )
        == 1
    )


@pytest.mark.parametrize(
    "wrong",
    [
        [],
        ["nothing"],
        ["validate"],
        ["validate", "x"],
        ["validate", "x", "--expected", "a", "--frame-list", "b"],
        ["predict", "x"],
        ["predict", "x", "--models", "m", "--out", "o", "--policy", "none"],
        ["predict", "x", "--models", "m", "--out", "o", "--threads", "0"],
    ],
)
def test_wrong_usage(wrong):
    with pytest.raises(SystemExit) as ended:
        main(wrong)
    assert ended.value.code == 2


def test_wrong_configuration(submission, monkeypatch, capsys):
    from mimamo.submission import validate

    def refuse(*_):
        raise ConfigError("Configuration: strict is 3, expected boolean.")

    monkeypatch.setattr(validate, "validate", refuse)
    assert main(command(submission)) == 2
    assert "ERROR Configuration: strict is 3" in capsys.readouterr().err


@pytest.mark.parametrize("asked", ["--help", "--version"])
def test_what_only_tells(asked):
    with pytest.raises(SystemExit) as ended:
        main([asked])
    assert ended.value.code == 0
