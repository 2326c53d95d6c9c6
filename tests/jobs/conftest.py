"""The log of a real run, whole and cut off."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from support.run_logs import TRAINING, put_log


@pytest.fixture(scope="session")
def text(tiny) -> str:
    """Snakemake's log of the tiny run."""
    logs = [path.read_text() for path in (tiny.folder / ".snakemake/log").glob("*.log")]
    return next(text for text in logs if "Finished jobid: 0 (Rule: all)" in text and "rule train:" in text)


@pytest.fixture
def going(text, tmp_path) -> Iterator[Path]:
    """A folder whose run trains its first fold: the log up to there, held open, and the training's own."""
    block = re.search(r"^(?:local)?rule train:\n(?:    .*\n)+", text, re.MULTILINE)
    log = put_log(tmp_path, text[: block.end()])
    number = re.search(r"wildcards: .*fold=(\d)", block[0])[1]
    job = tmp_path / f"results/logs/train/fold{number}.log"
    job.parent.mkdir(parents=True)
    job.write_text("INFO Fold 0: 70 windows, 9 steps an epoch, on cpu\n" + TRAINING)
    with log.open("a"):
        yield tmp_path
