"""Score ridge regression on single frames."""

from mimamo.jobs.job import logged

with logged(snakemake):
    from mimamo.evaluation.baseline import score_baseline
    from mimamo.evidence.caveats import score_caveat

    score_baseline(
        features=snakemake.params.features,
        labels=snakemake.input.labels,
        folds=snakemake.input.folds,
        out=snakemake.output.scores,
        caveat=score_caveat(snakemake.params.demo, snakemake.params.weights),
    )
