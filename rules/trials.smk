# The trials of a search, and which of them each one follows from. No rules.

from types import SimpleNamespace

# A trial of a search is asked for when the one `parallel` before it is told, whatever others do: so as many are trained
# beside each other, and which trials each one follows from is known beforehand.
TRIALS = list(range(config["search"]["trials"]))
# What an asked trial depends on, besides the data: how many there are decides nothing about any of them.
SEARCH = {key: config["search"][key] for key in ("parallel", "prune", "seed", "ranges")}
# The run that trials are changes of, as the wildcards of its rules: the one with a validation set that is held out.
SEARCHED = SimpleNamespace(run=HELD_OUT_RUN)
SEARCH_JOURNAL = "results/search/journal.log"


def trial_files(name: str, trials) -> list[str]:
    """Return a file of each of some trials."""
    return [f"results/search/trials/{trial}/{name}" for trial in trials]


def told_before(wildcards) -> range:
    """Return the trials that a trial follows from: those that are told before it is asked for."""
    return range(max(0, int(wildcards.trial) - config["search"]["parallel"] + 1))


def trials_beside(wildcards) -> range:
    """Return the earlier trials that may still run when a trial is asked for."""
    return range(len(told_before(wildcards)), int(wildcards.trial))
