"""Score every variant out of fold, against the whole method."""

from mimamo.jobs.job import logged

with logged(snakemake):
    from mimamo.evidence.ablations import score_ablations
    from mimamo.evidence.caveats import score_caveat

    score_ablations(
        predictions={
            variant: [path for path in snakemake.input.predictions if path.startswith(prefix)]
            for variant, prefix in snakemake.params.prefixes.items()
        },
        labels=snakemake.input.labels,
        folds=snakemake.input.folds,
        out=snakemake.output.ablations,
        caveat=score_caveat(snakemake.params.demo, snakemake.params.weights),
    )
