"""Commands about a run of the workflow: what it will take, and how far it is."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

from mimamo.cli.parameters import Count, Flag, Json, Place, Places, Yamls

#: Those of `mimamo.estimate.shipped`, which takes a while to import; or this machine.
Card = Literal["h100", "h200", "rtx4090", "here"]


def estimate(
    *,
    configfile: Yamls = (),
    root: str | None = None,
    results: Places = (Path("results"),),
    rates: Json | None = None,
    jobs: Count | None = None,
    gpus: Count | None = None,
    card: Card | None = None,
) -> int:
    """Estimate jobs, hours, disk and wall time of a run.

    It is computed from measurements, and names their source for every rule: benchmarks of finished runs, and
    a few steps of the configured networks on this machine's GPU, or a benchmark's file. Where there are none,
    it uses rehearsals and rates of GPUs that come with the project.

    Parameters
    ----------
    configfile
        What is configured beyond config.yaml, as with Snakemake.
    root
        The data set's folder, which is counted; by default the configured one, and Aff-Wild2's numbers where
        it is not there.
    results
        The results of a finished run, or of several of different sizes; rehearsals beside them count too.
    rates
        How fast the networks are: a benchmark's file. By default it is measured.
    jobs
        How many jobs run at once; by default as many as profiles/slurm says.
    gpus
        How many GPUs work at once; by default those of all folds.
    card
        The GPU whose rates, which come with the project, count for the networks; here measures this machine,
        with or without a GPU. By default this machine where it has a GPU, else h100.

    Returns
    -------
    int
        0 where the estimate was printed.

    Examples
    --------
    mimamo estimate --configfile presets/affwild2.yaml --root /path/to/Aff-Wild2
    """
    from mimamo.estimate.command import estimate

    print(estimate(configfile, root, results, rates, jobs, gpus, card))
    return 0


def progress(folder: Place = Path(), /, *, once: Flag = False) -> int:
    """Show how far a run is: names done, folds, epochs and time left.

    It only reads logs, so it works over ssh and while jobs run on a cluster, and it ends when the run does.

    Parameters
    ----------
    folder
        The folder that Snakemake runs in.
    once
        Show it once and end.

    Returns
    -------
    int
        0 where nothing has failed.

    Examples
    --------
    mimamo progress
    """
    from mimamo.jobs.progress import watch

    try:
        return 0 if watch(folder, once) else 1
    except KeyboardInterrupt:
        # Who has seen enough has not failed.
        return 0
