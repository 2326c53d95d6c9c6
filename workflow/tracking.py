"""Log a run in MLflow."""

from mimamo.jobs.job import logged

with logged(snakemake):
    from mimamo.evidence.tracking import TrackedRun, log_run

    log_run(
        TrackedRun(
            name=snakemake.params.name,
            config=snakemake.params.settings,
            histories=snakemake.input.histories,
            scores=snakemake.input.scores,
            files=snakemake.input.files,
        ),
        experiment=snakemake.params.experiment,
        folder=snakemake.params.store,
        record=snakemake.output.record,
    )
