"""The tests' dry runs, which a process that has imported Snakemake forks: they are those of a new process."""

import re

import pytest

from support.paths import TINY
from support.workflow import snakemake, start

#: What Snakemake writes of the run itself: its number, and the time.
RUN = re.compile(r"^ +(?:Date|Workflow ID): .*$|^\[.* \d{4}\]$", re.MULTILINE)


def words(text: str) -> list[str]:
    """All words of a dry run but for those, in an order that does not depend on that of sets of text."""
    return sorted(re.split(r"[\s,;]+", RUN.sub("", text)))


@pytest.mark.parametrize(
    ("arguments", "status"), [(["--configfile", TINY], 0), (["--config", "training={epoch: 3}"], 1)]
)
def test_a_dry_run_in_a_fork_is_that_of_a_process(checkout, tmp_path, arguments, status):
    forked = snakemake(checkout, tmp_path, "--dry-run", *arguments)
    with start(checkout, tmp_path, "--dry-run", *arguments) as process:
        text, _ = process.communicate(timeout=600)
    assert forked.status == process.returncode == status
    assert words(forked.text) == words(text)


def test_a_dry_run_has_the_variables_of_its_moment(checkout, tmp_path, monkeypatch):
    for folder in ("one", "other"):
        (tmp_path / folder).mkdir()
        monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / folder))
        assert snakemake(checkout, tmp_path, "--dry-run", "--configfile", TINY).status == 0
        assert list((tmp_path / folder).iterdir())
