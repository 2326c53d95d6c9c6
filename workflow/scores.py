"""Score the out-of-fold predictions: pooled, of every fold, of every video."""

from mimamo.jobs.job import logged

with logged(snakemake):
    from mimamo.evaluation.scores import score_folds
    from mimamo.evidence.caveats import score_caveat

    score_folds(
        predictions=snakemake.input.predictions,
        labels=snakemake.input.labels,
        folds=snakemake.input.folds,
        out=snakemake.output.scores,
        caveat=score_caveat(snakemake.params.demo, snakemake.params.weights),
    )
