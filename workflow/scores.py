"""Score the out-of-fold predictions: pooled, of every fold, of every video."""

from mimamo.job import logged

with logged(snakemake):
    from mimamo.caveats import caveat
    from mimamo.scores import score_folds

    score_folds(
        predictions=snakemake.input.predictions,
        labels=snakemake.input.labels,
        folds=snakemake.input.folds,
        out=snakemake.output.scores,
        remark=caveat(snakemake.params.demo, snakemake.params.weights),
    )
