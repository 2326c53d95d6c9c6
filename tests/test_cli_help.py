"""The help that people read, and what it takes to show it."""

import os
import re
import shlex
import subprocess
import sys

import pytest

from mimamo.cli import GROUPS, app, main
from mimamo.cli.help import commands, examples
from support.documentation import PAGES, text_of

NAMES = [function.__name__ for functions in GROUPS.values() for function in functions]
#: What takes long to import.
HEAVY = ("torch", "torchvision", "pandas", "numpy", "cv2", "scipy", "matplotlib", "yaml")


@pytest.fixture
def shown(monkeypatch, capsys):
    """Gives the lines of a help page as they are written to a pipe or a terminal that is so wide."""

    def show(*arguments: str, width: int = 80) -> list[str]:
        monkeypatch.setenv("COLUMNS", str(width))
        with pytest.raises(SystemExit) as ended:
            main([*arguments, "--help"])
        assert ended.value.code == 0
        told = capsys.readouterr()
        assert not told.err
        return told.out.splitlines()

    return show


def example_lines(page: list[str]) -> list[str]:
    """The examples of a page, each on one line."""
    text = "\n".join(line.strip() for line in page[page.index("Examples") + 1 :])
    return [" ".join(line.split()) for line in text.replace("\\\n", " ").splitlines()]


def words(example: str) -> list[str]:
    """The arguments of the call of mimamo in an example, as a shell would make them."""
    return shlex.split(re.search(r"mimamo ([^()|]+)", example).group(1))


def test_commands_are_grouped_by_what_one_wants_and_take_a_line_each(shown):
    page = shown()
    assert page[0] == "Usage: mimamo COMMAND"
    titles = [re.sub(r"[╭╮─ ]+", " ", line).strip() for line in page if line.startswith("╭")]
    assert titles == [*GROUPS, "Options"]
    rows = [line.strip("│ ") for line in page if line.startswith("│")]
    assert [row.split()[0] for row in rows] == [*NAMES, "--help", "--version"]
    assert all(row.endswith(".") for row in rows)


def test_the_examples_of_all_commands_are_those_of_the_documentation(shown):
    found = example_lines(shown())
    assert [words(example)[0] for example in found] == NAMES
    text = " ".join(" ".join(map(text_of, PAGES)).split())
    for example in found:
        assert example in text


@pytest.mark.parametrize("command", NAMES)
def test_the_help_of_a_command_has_examples_that_parse(shown, command):
    page = shown(command)
    found = example_lines(page)
    assert found
    for example in found:
        function, _, _ = app.parse_args(words(example), print_error=False, exit_on_error=False)
        assert function.__name__ == command
    # The same in one of several places where one may ask for it.
    assert shown(command, "x") == page


@pytest.mark.parametrize("command", NAMES)
def test_every_option_is_explained(command):
    for argument in app[command].assemble_argument_collection(parse_docstring=True):
        assert argument.parameter.help.endswith(".")


@pytest.mark.parametrize("width", [80, 120])
@pytest.mark.parametrize("command", ["", *NAMES])
def test_it_fits_the_terminal_and_has_no_codes_in_a_pipe(shown, command, width):
    page = shown(*command.split(), width=width)
    assert max(map(len, page)) <= width
    assert "\x1b" not in "".join(page)


def test_the_help_of_predict_shows_types_defaults_and_choices(shown):
    text = " ".join(" ".join(shown("predict", width=200)).split())
    assert "* SOURCE Crops 00001.jpg" in text
    assert "* --models MODEL..." in text and "* --out CSV The table to write. [required]" in text
    assert "[choices: report, previous, interpolate] [default: report]" in text
    assert "--threads INT" in text


@pytest.mark.parametrize("command", NAMES)
def test_the_usage_names_options_and_arguments_that_there_are(shown, command):
    named = set(re.findall(r"--[a-z-]+|[A-Z]+", shown(command, width=200)[0].removeprefix("Usage")))
    page = "\n".join(shown(command, width=200)[1:])
    assert all(re.search(rf"{name}\b", page) for name in named - {"OPTIONS"})


def test_an_example_is_never_broken(shown):
    assert "  mimamo estimate --configfile presets/affwild2.yaml --root /path/to/Aff-Wild2" in shown(width=60)


def test_all_commands_are_registered_once():
    assert [function.__name__ for function in commands(app)] == NAMES
    assert all(examples(function) for function in commands(app))


@pytest.mark.parametrize(
    "arguments", [["--help"], ["predict", "--help"], ["--version"], ["completion", "bash"]]
)
def test_nothing_heavy_is_imported_to_tell_something(repo, arguments):
    program = (
        "import sys\nfrom mimamo.cli import main\n"
        f"try:\n    main({arguments})\nexcept SystemExit:\n    pass\n"
        f"print([name for name in {HEAVY} if name in sys.modules], file=sys.stderr)"
    )
    done = subprocess.run(
        [sys.executable, "-c", program],
        env={**os.environ, "PYTHONPATH": str(repo / "workflow")},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0 and done.stdout
    assert done.stderr.strip() == "[]"


def test_the_version_is_told_with_the_name(capsys):
    with pytest.raises(SystemExit):
        main(["--version"])
    assert re.fullmatch(r"mimamo \d+\.\d+\.\d+\n", capsys.readouterr().out)
