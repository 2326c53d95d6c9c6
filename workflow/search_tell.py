"""Join the folds of one trial of the search, by their CCC on the stop names."""

from mimamo.jobs.job import logged

with logged(snakemake):
    from pathlib import Path

    from mimamo.search.study import record
    from mimamo.search.trials import join_folds, read_trial, write_result

    *earlier, parameters = snakemake.input.parameters
    trial = join_folds(parameters, snakemake.input.histories, snakemake.input.outcomes)
    write_result(trial, snakemake.output.result)
    trials = [*map(read_trial, earlier), trial]
    record(Path(snakemake.params.journal), snakemake.params.study, snakemake.params.ranges, trials)
