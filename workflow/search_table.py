"""Write the table of all trials of the search, and the best one as a run."""

from mimamo.jobs.job import logged

with logged(snakemake):
    from pathlib import Path

    from mimamo.search.study import record
    from mimamo.search.table import write_best, write_trials
    from mimamo.search.trials import read_trial

    trials = [read_trial(path) for path in snakemake.input.results]
    durations, trainings = (
        {trial.number: sorted(Path(folder, str(trial.number)).glob(pattern)) for trial in trials}
        for folder, pattern in snakemake.params.measured.items()
    )
    write_trials(trials, durations, trainings, snakemake.output.trials)
    write_best(trials, snakemake.params.protocol, snakemake.output.best)
    journal, ranges = Path(snakemake.params.journal), snakemake.params.ranges
    record(journal, snakemake.params.study, ranges, trials, anew=True)
