"""Fit ensemble weights, smoothing and label delay on the out-of-fold predictions."""

from mimamo.jobs.job import logged

with logged(snakemake):
    from mimamo.postprocessing.fit import fit_postprocessing

    fit_postprocessing(
        predictions=snakemake.input.predictions,
        labels=snakemake.input.labels,
        folds=snakemake.input.folds,
        weights=snakemake.output.weights,
        choices=snakemake.output.choices,
    )
