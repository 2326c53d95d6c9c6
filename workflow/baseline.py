"""Score ridge regression on single frames."""

from mimamo.job import logged

with logged(snakemake):
    from mimamo.baseline import score_baseline
    from mimamo.caveats import caveat

    score_baseline(
        features=snakemake.input.features,
        labels=snakemake.input.labels,
        folds=snakemake.input.folds,
        out=snakemake.output.scores,
        remark=caveat(snakemake.params.demo, snakemake.params.weights),
    )
