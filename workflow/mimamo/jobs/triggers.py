"""What Snakemake goes by when it decides which jobs to run again, as this workflow needs it."""

from __future__ import annotations

from collections.abc import Iterable

from mimamo.errors import ConfigError

#: What the profiles set.
TRIGGERS = ("mtime", "params", "software-env")
#: By parameters, which hold digests of all that is read.
NEEDED = "params"
#: These would run jobs again whose results are there: a job has no inputs where it is done, and the time of a
#: script says nothing about its content.
HARMFUL = ("input", "code")


def check_triggers(triggers: Iterable[str]) -> None:
    """Make sure that Snakemake decides by what the workflow's profiles set.

    Parameters
    ----------
    triggers
        The names of the triggers in effect.

    Raises
    ------
    ConfigError
        Where others are in effect than in the profiles.
    """
    found = {trigger.lower() for trigger in triggers}
    if NEEDED not in found or found & set(HARMFUL):
        raise ConfigError(
            f"--rerun-triggers: expected {NEEDED} without {' and '.join(HARMFUL)}, found"
            f" {', '.join(sorted(found))}; leave it to the workflow's profile, or set rerun-triggers:"
            f" [{', '.join(TRIGGERS)}] in your own"
        )
