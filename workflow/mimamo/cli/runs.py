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

    The estimate is based on measurements, and names their source for every rule: benchmarks of finished
    runs, and a few steps of the configured networks on this machine's GPU or a benchmark file. Without
    these, it uses rehearsals and GPU rates that are included in the project.

    Parameters
    ----------
    configfile
        Configuration files in addition to config.yaml, as with Snakemake.
    root
        Folder of the data set, whose names and crops are counted; by default the configured one, or the
        numbers of Aff-Wild2 if it does not exist.
    results
        The results of a finished run, or of several of different sizes; rehearsals beside them count too.
    rates
        Benchmark file with the speed of the networks; by default it is measured.
    jobs
        Number of parallel jobs; by default the number in profiles/slurm.
    gpus
        Number of parallel GPUs; by default enough for all folds.
    card
        GPU whose rates, included in the project, are used for the networks; here measures this machine, with
        or without a GPU. By default this machine if it has a GPU, otherwise h100.

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
    """Show the progress of a run, and the time left.

    Only logs are read, so it also works over ssh and for jobs on a cluster. It exits when the run ends.

    Parameters
    ----------
    folder
        The folder that Snakemake runs in.
    once
        Show the progress once and exit.

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
