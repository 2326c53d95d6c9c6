"""Completion in shells, as the script that ``mimamo completion`` prints does it."""

import os
import pty
import select
import shlex
import shutil
import subprocess
import time

import pytest

from mimamo.cli import main

needs_bash = pytest.mark.skipif(shutil.which("bash") is None, reason="bash is not installed")


@pytest.fixture
def script(tmp_path, capsys):
    """Gives the path of the script for a shell."""

    def write(shell: str) -> str:
        assert main(["completion", shell]) == 0
        path = tmp_path / f"completion.{shell}"
        path.write_text(capsys.readouterr().out)
        return str(path)

    return write


def replies(script: str, line: str) -> list[str]:
    """What bash would offer for the last word of a line, of commands, options and choices."""
    typed = line.split(" ")
    call = (
        f"source {shlex.quote(script)}; COMP_WORDS=({' '.join(map(shlex.quote, typed))}); "
        f'COMP_CWORD={len(typed) - 1}; _mimamo; printf "%s\\n" "${{COMPREPLY[@]}}"'
    )
    done = subprocess.run(["bash", "--norc", "-c", call], capture_output=True, text=True)
    assert done.returncode == 0 and not done.stderr
    return done.stdout.split()


@needs_bash
@pytest.mark.parametrize(
    ("line", "offered"),
    [
        ("mimamo va", ["validate"]),
        ("mimamo pr", ["progress", "provenance", "predict"]),
        ("mimamo --v", ["--version"]),
        ("mimamo convert --", ["--recurrence", "--outputs", "--help", "--version"]),
        ("mimamo predict x --fi", ["--film"]),
        ("mimamo predict crops --mo", ["--models"]),
        ("mimamo predict crops --policy p", ["previous"]),
        ("mimamo validate x.zip --s", ["--sample-list"]),
        ("mimamo convert a b --recurrence ", ["time", "batch"]),
        ("mimamo completion ", ["bash", "zsh", "fish"]),
        # Bash itself offers the paths here.
        ("mimamo predict my", []),
        ("mimamo estimate --configfile a.yaml ", []),
    ],
)
def test_bash_offers_commands_options_and_choices(script, line, offered):
    assert sorted(replies(script("bash"), line)) == sorted(offered)


@needs_bash
@pytest.mark.parametrize(
    ("typed", "completed"),
    [
        ("mimamo va", "validate "),
        ("mimamo predict my_crops --mod", "--models "),
        ("mimamo predict my_c", "my_crops/"),
        ("mimamo predict x --models a.pt wi", "with\\ blank/"),
        ("mimamo estimate --configfile one.yaml tw", "two.yaml "),
        ("mimamo validate x --expected my_crops/0", "my_crops/00001.jpg "),
    ],
)
def test_a_tab_in_bash_completes(script, tmp_path, typed, completed):
    """In a terminal, as a person types it."""
    for name in ("my_crops", "with blank"):
        (tmp_path / name).mkdir()
    for name in ("my_crops/00001.jpg", "one.yaml", "two.yaml"):
        (tmp_path / name).touch()
    terminal, end = pty.openpty()
    environment = {"PATH": os.environ["PATH"], "TERM": "dumb", "PS1": "$ ", "INPUTRC": "/dev/null"}
    bash = subprocess.Popen(
        ["bash", "--norc", "--noprofile", "-i"],
        stdin=end,
        stdout=end,
        stderr=end,
        cwd=tmp_path,
        env=environment,
        start_new_session=True,
    )
    os.close(end)
    try:
        # A terminal shows what is typed as well; only the output has this word in one piece.
        os.write(
            terminal,
            f"source {shlex.quote(script('bash'))}; bind 'set bell-style none'; echo rea''dy\n".encode(),
        )
        assert seen(terminal, "ready\r\n")
        os.write(terminal, f"{typed}\t".encode())
        word = typed.rpartition(" ")[0] + " " + completed
        assert seen(terminal, word)
    finally:
        bash.kill()
        bash.wait()
        os.close(terminal)


def seen(terminal: int, text: str, seconds: float = 20) -> bool:
    """Whether a terminal shows a text within some seconds."""
    shown, end = "", time.monotonic() + seconds
    while text not in shown and time.monotonic() < end:
        if select.select([terminal], [], [], 0.1)[0]:
            shown += os.read(terminal, 4096).decode()
    return text in shown


@pytest.mark.parametrize(("shell", "check"), [("bash", "-n"), ("zsh", "-n"), ("fish", "--no-execute")])
def test_a_script_names_all_commands_and_parses(script, shell, check):
    path = script(shell)
    with open(path) as file:
        text = file.read()
    for name in ("predict", "convert", "estimate", "progress", "validate", "provenance", "completion"):
        assert name in text
    for option in ("models", "frame-list", "configfile", "recurrence", "full"):
        assert option in text
    if shutil.which(shell) is None:
        pytest.skip(f"{shell} is not installed: the script was made, and not read by it")
    done = subprocess.run([shell, check, path], capture_output=True, text=True)
    assert done.returncode == 0 and not done.stderr


def test_zsh_is_told_of_a_script_that_is_sourced(script):
    with open(script("zsh")) as file:
        assert file.read().rstrip().endswith("compdef _cyclopts_mimamo mimamo")
