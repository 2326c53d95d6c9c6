"""Ask for the values of one trial of the search."""

from mimamo.jobs.job import logged

with logged(snakemake):
    from pathlib import Path

    from mimamo.search.study import ask, record
    from mimamo.search.trials import Trial, read_trial, write_parameters

    number, search = int(snakemake.wildcards.trial), snakemake.params.search
    told = [read_trial(path) for path in snakemake.input.told]
    running = [read_trial(path) for path in snakemake.input.running]
    parameters = ask(search["ranges"], search["seed"], number, told + running, snakemake.params.configured)
    write_parameters(number, parameters, snakemake.output.parameters)
    trials = [*told, *running, Trial(number, parameters)]
    record(Path(snakemake.params.journal), snakemake.params.study, search["ranges"], trials)
