"""Commands about a run of the workflow: what it will take, and how far it is."""

from __future__ import annotations

from pathlib import Path

from mimamo.cli.parameters import Count, Flag, Json, Place, Places, Yamls


def estimate(
    *,
    configfile: Yamls = (),
    root: str | None = None,
    results: Places = (Path("results"),),
    rates: Json | None = None,
    jobs: Count | None = None,
    gpus: Count | None = None,
) -> int:
    """Estimate jobs, hours, disk and wall time of a run.

    It is reckoned from what was measured: benchmarks of finished runs, and some steps of the configured
    networks on this machine or a benchmark's file.

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

    Returns
    -------
    int
        0 where the estimate was printed.

    Examples
    --------
    mimamo estimate --configfile presets/affwild2.yaml --root /path/to/Aff-Wild2
    """
    from mimamo.estimate.command import estimate

    print(estimate(configfile, root, results, rates, jobs, gpus))
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
