"""Combine and smooth the predictions of the folds' models on the test names."""

from mimamo.jobs.job import logged

with logged(snakemake):
    from mimamo.postprocessing.test_set import combine_test_names

    combine_test_names(
        predictions=snakemake.input.predictions,
        weights=snakemake.input.weights or None,
        choices=snakemake.input.choices or None,
        out=snakemake.output.ensemble,
        **snakemake.params.postprocessing,
    )
