"""Score every variant out of fold, against the whole method."""

from mimamo.jobs.job import logged

with logged(snakemake):
    from mimamo.evidence.ablations import score_ablations
    from mimamo.evidence.caveats import caveat

    score_ablations(
        predictions={
            variant: [path for path in snakemake.input.predictions if path.startswith(beginning)]
            for variant, beginning in snakemake.params.beginnings.items()
        },
        labels=snakemake.input.labels,
        folds=snakemake.input.folds,
        out=snakemake.output.ablations,
        remark=caveat(snakemake.params.demo, snakemake.params.weights),
    )
