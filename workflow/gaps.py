"""Fill the frames without a crop by the configured policy."""

from mimamo.jobs.job import logged

with logged(snakemake):
    from mimamo.postprocessing.gaps import fill_test_names

    fill_test_names(
        ensemble=snakemake.input.ensemble,
        audit=snakemake.input.audit,
        labels=snakemake.input.labels or None,
        folds=snakemake.input.folds or None,
        policy=snakemake.params.policy,
        filled=snakemake.output.filled,
        gaps=snakemake.output.gaps,
    )
