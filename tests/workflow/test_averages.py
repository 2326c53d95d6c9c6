"""The documentation of averages within a training."""

import re
import shlex

from support.paths import REPO, TINY
from support.workflow import snakemake


def test_commands_of_the_documentation_are_ones(checkout, tmp_path):
    text = (REPO / "docs/averages.md").read_text(encoding="utf-8")
    (block,) = re.findall(r"```console\n(.*?)```", text, re.DOTALL)
    commands = [shlex.split(line) for line in block.splitlines()]
    assert len(commands) == 2
    for program, *options in commands:
        assert program == "snakemake"
        run = snakemake(checkout, tmp_path, "--dry-run", "--configfile", TINY, *options)
        # The tiny corpus is trained for two epochs: the mean of three is refused.
        refused = "average_epochs is 3, expected at most training.epochs, which is 2" in run.text
        assert refused == ("epochs" in options[1]) and (run.status == 0) == (not refused), run.text[-2000:]
