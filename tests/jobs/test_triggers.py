"""What Snakemake must go by."""

import pytest

from mimamo.errors import ConfigError
from mimamo.jobs.triggers import TRIGGERS, check_triggers


def test_the_profiles_triggers_are_taken_however_they_are_spelt():
    assert check_triggers(TRIGGERS) is None
    assert check_triggers(["MTIME", "PARAMS", "SOFTWARE_ENV"]) is None


@pytest.mark.parametrize("triggers", [["mtime"], ["params", "input"], ["PARAMS", "CODE"], []])
def test_triggers_that_would_do_finished_jobs_again_are_refused(triggers):
    with pytest.raises(ConfigError, match=r"set rerun-triggers: \[mtime, params, software-env\]"):
        check_triggers(triggers)
