"""Fit the weights of an ensemble's members, nested, and combine their out-of-fold predictions."""

from mimamo.jobs.job import logged

with logged(snakemake):
    from mimamo.ensembles.members import combine_out_of_fold

    combine_out_of_fold(
        members=snakemake.params.members,
        labels=snakemake.input.labels,
        folds=snakemake.input.folds,
        method=snakemake.params.method,
        weights=snakemake.output.weights,
        steps=snakemake.output.steps,
        checks=snakemake.output.members,
        predictions=snakemake.output.predictions,
    )
