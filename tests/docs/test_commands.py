"""Every command of README and pages is run, or dry-run, as it stands there."""

import glob
import os
import re
import subprocess
import sys

import pytest
from pip._internal.commands import create_command

from mimamo.cli import app, main
from support.documentation import PAGES, commands, settings, text_of, words
from support.documented_place import AFF_WILD2, make_clone, make_used
from support.dry_runs import dry_run
from support.paths import REPO
from support.workflow import environment

#: Every command, and the first page that it stands on.
COMMANDS = {command: page for page in reversed(PAGES) for command in commands(text_of(page))}
#: Parts of commands that another test runs, as they need what other blocks make, or that cannot be run here.
ELSEWHERE = {
    "snakemake --directory runs/my_data": "the fixture own_annotations runs it",
    "snakemake --directory runs/new": "the fixture given_models runs it",
    "snakemake doctor --configfile my_streams.yaml": "tests/workflow/test_streams.py follows the recipe",
    "snakemake --configfile my_streams.yaml": "tests/workflow/test_streams.py follows the recipe",
    "snakemake ablations --configfile my_streams.yaml": "tests/workflow/test_streams.py follows the recipe",
    "snakemake results/spread.csv": "tests/docs/test_recipes.py follows the recipe",
    "snakemake --cores all --sdm conda": "Snakemake asks for conda before anything else",
    "--features mine=my_features": "tests/workflow/test_streams.py follows the recipe",
    "my_submissions.yaml": "tests/workflow/test_ensembles.py runs it",
    "search/best.yaml": "a search makes it",
    "--configfile found.yaml": "a search makes its settings",
    "mlflow ui": "serves until it is stopped; only the client of MLflow is pinned",
    "mimamo convert": "tests/own_data/test_published.py converts a network",
    "mimamo predict my_crops --models model.pt": "needs the published weights",
}


def of(program: str) -> list[str]:
    """The commands that begin with a program, but for those that another test runs."""
    return [
        command
        for command in COMMANDS
        if words(command)[0] == program and not any(part in command for part in ELSEWHERE)
    ]


#: What the reader puts in for each placeholder, besides the folder of the data set.
PLACEHOLDERS = {"<this repository>": str(REPO), "<index of the CPU builds>": "https://example.org/cpu"}


def filled(command: str) -> str:
    """The command with what the reader puts in for its placeholders."""
    for placeholder, value in PLACEHOLDERS.items():
        command = command.replace(placeholder, value)
    return command


@pytest.fixture(scope="module")
def clone(checkout, tmp_path_factory):
    return make_clone(checkout, tmp_path_factory.mktemp("documented"))


@pytest.fixture(scope="module")
def used(checkout, tiny, raw_videos, tmp_path_factory):
    film = raw_videos.folder.parent / "data/videos/ann.mp4"
    return make_used(checkout, tiny.folder, film, tmp_path_factory.mktemp("documented"))


def test_every_command_is_of_a_kind_that_is_tried():
    tried = {"snakemake", "mimamo", "make", "tensorboard", ".ci/run", "python3", "git"}
    rest = [
        command
        for command in COMMANDS
        if not any(part in command for part in ELSEWHERE)
        and words(command)[0].removeprefix(".venv/bin/") not in {*tried, "python"}
    ]
    assert rest == []
    assert all(any(part in command for command in COMMANDS) for part in ELSEWHERE)
    assert [command for command in COMMANDS if re.search("<[^(]", filled(command))] == []


@pytest.mark.parametrize("command", of("snakemake") + of(".venv/bin/snakemake"))
def test_a_run_can_be_planned(clone, command):
    data_set = str(clone.parent / "Aff-Wild2")
    arguments = [word.replace(AFF_WILD2, data_set) for word in words(command)[1:]]
    for name in re.findall(r"\bmy_\w+\.yaml", command):
        (clone / name).write_text(settings(text_of(COMMANDS[command]), name))
    status, text = dry_run([*arguments, "--dry-run"], clone, environment(clone))
    assert status == 0, text[-2000:]


@pytest.mark.parametrize("command", of("mimamo"))
def test_a_command_does_what_it_says(used, clone, monkeypatch, command):
    monkeypatch.chdir(used)
    arguments = [word.replace(AFF_WILD2, str(clone.parent / "Aff-Wild2")) for word in words(command)[1:]]
    expanded = [path for word in arguments for path in (sorted(glob.glob(word)) if "*" in word else [word])]
    assert main(expanded) == 0


@pytest.mark.parametrize(
    "command", [command for command in COMMANDS if command.startswith(("mimamo convert", "mimamo predict"))]
)
def test_a_command_is_used_as_it_can_be(command):
    function, *_ = app.parse_args(words(command)[1:], print_error=False, exit_on_error=False)
    assert function.__name__ == words(command)[1]


@pytest.mark.parametrize("command", of("make"))
def test_a_target_is_there(command):
    told = subprocess.run([*words(command), "--dry-run"], cwd=REPO, capture_output=True, text=True)
    assert told.returncode == 0, told.stderr


@pytest.mark.parametrize("command", of("git"))
def test_the_first_commands_work_in_a_fresh_folder(tmp_path, command):
    # A clone has what is committed, which the first target needs.
    script = f"{filled(command)} && make run --dry-run"
    told = subprocess.run(["bash", "-c", script], cwd=tmp_path, capture_output=True, text=True)
    assert told.returncode == 0 and "requirements.txt" in told.stdout, told.stdout + told.stderr


@pytest.mark.parametrize("command", of("tensorboard"))
def test_curves_are_there(used, command):
    given = [sys.executable, "-m", "tensorboard.main", *words(command)[1:], "--inspect"]
    told = subprocess.run(given, cwd=used, capture_output=True, text=True, env=os.environ)
    assert told.returncode == 0 and "ccc" in told.stdout.lower(), told.stdout + told.stderr


def test_continuous_integration_is_a_script():
    assert of(".ci/run")
    subprocess.run(["bash", "-n", REPO / ".ci/run"], check=True)


PIP = [filled(command) for command in COMMANDS if " -m pip " in command]


@pytest.mark.parametrize("command", PIP)
def test_pip_knows_the_options_and_the_files_are_there(command):
    name, *arguments = words(command)[words(command).index("pip") + 1 :]
    options, packages = create_command(name).parse_args(arguments)
    assert all((REPO / path).is_file() for path in options.requirements)
    project = (REPO / "pyproject.toml").read_text()
    assert all(f'"{package}"' in project for package in packages if "==" in package)


def test_installation_without_make_is_that_of_make():
    made = (REPO / "Makefile").read_text()
    installs = [command for command in PIP if ".venv/bin/python -m pip install --" in command]
    assert len(installs) == 5
    for command in installs[:3]:
        assert f"$(PIP) {command.partition('pip install ')[2]}\n" in made
