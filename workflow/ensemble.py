"""Combine the fold models on the test names and smooth what they say."""

from mimamo.jobs.job import logged

with logged(snakemake):
    from mimamo.postprocessing.test_set import combine_test_names

    combine_test_names(
        predictions=snakemake.input.predictions,
        weights=snakemake.input.weights,
        choices=snakemake.input.choices,
        out=snakemake.output.ensemble,
        **snakemake.params.postprocessing,
    )
