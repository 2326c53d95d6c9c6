"""The recipes of the documentation work as they are written."""

import os
import subprocess
import sys

import pytest

from support.paths import TINY
from support.recipes import follow
from support.workflow import snakemake

PAGE = "docs/recipes.md"


@pytest.fixture
def run_python(editable_checkout):
    """Runs a program with the package of the copy, and gives what it prints."""

    def run(program: str, *arguments: object) -> str:
        done = subprocess.run(
            [sys.executable, "-c", program, *map(str, arguments)],
            env=os.environ | {"PYTHONPATH": str(editable_checkout / "workflow"), "OMP_NUM_THREADS": "1"},
            capture_output=True,
            text=True,
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    return run


def test_a_head(editable_checkout, run_python, tmp_path):
    chosen = (
        "--dry-run",
        "results/train/fold0/model.pt",
        "--configfile",
        TINY,
        "--config",
        "network={head: mean}",
    )
    before = snakemake(editable_checkout, tmp_path / "before", *chosen)
    assert before.status == 1 and "network.head is 'mean'" in before.text
    follow(PAGE, "A temporal head", editable_checkout)
    run = snakemake(editable_checkout, tmp_path / "run", *chosen)
    assert run.status == 0, run.text[-2000:]
    run_python(
        "import torch\n"
        "from mimamo.model.heads import HEADS\n"
        "head = HEADS['mean'](5, 8, 0.0)\n"
        "values, valid = torch.randn(2, 6, 5), torch.ones(2, 6, dtype=torch.bool)\n"
        "valid[1, 4:] = False\n"
        "out = head(values, valid)\n"
        "assert out.shape == (2, 6, head.width)\n"
        "torch.testing.assert_close(head(values[1:, :4]), out[1:, :4])\n"
        "from mimamo.page.methods import _HEADS\n"
        "assert _HEADS.keys() == HEADS.keys()\n"
    )


def test_an_edition(editable_checkout, run_python, tmp_path):
    follow(PAGE, "An edition of Aff-Wild2", editable_checkout)
    for folder in ("VA_Labels/Train", "VA_Labels/Validation", "cropped_aligned/105"):
        (tmp_path / "data" / folder).mkdir(parents=True)
    (tmp_path / "data/va_test_names.txt").write_text("105\n")
    program = (
        "import sys\n"
        "from mimamo.corpus.layout_search import FOUND_KEYS, find_layout\n"
        "print(find_layout(dict.fromkeys(FOUND_KEYS, 'auto'), sys.argv[1]).sentence('it'))\n"
    )
    said = run_python(program, tmp_path / "data")
    assert said.startswith(
        "it: found the layout of ABAW20: train VA_Labels/Train, validation VA_Labels/Validation"
    )
    assert "test_list va_test_names.txt" in said


def test_a_rule(editable_checkout, finished_run):
    follow(PAGE, "A rule", editable_checkout)
    run = snakemake(editable_checkout, finished_run, "results/spread.csv", "--configfile", TINY)
    assert run.status == 0, run.text[-2000:]
    header, *rows = (finished_run / "results/spread.csv").read_text().splitlines()
    assert header == "name,valence,arousal" and len(rows) > 5


def test_a_check_of_the_doctor(editable_checkout, run_python):
    follow(PAGE, "A check of the doctor", editable_checkout)
    program = (
        "import numpy as np\n"
        "from mimamo.audit.label_checks import _suspicions\n"
        "values = np.linspace(-1, 1, 12).reshape(6, 2)\n"
        "for scale in (0.05, 1.0):\n"
        "    print([found[0] for found in _suspicions(values * scale, np.array([False, False]))])\n"
    )
    assert run_python(program).splitlines() == ["['labels in the middle of the range']", "[]"]
