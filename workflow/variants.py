"""Score every ensemble, smoothing and gap policy on names that none of them was fitted on."""

from mimamo.jobs.job import logged

with logged(snakemake):
    from mimamo.evidence.caveats import score_caveat
    from mimamo.evidence.variants import FittedRun, score_variants

    given = snakemake.input
    score_variants(
        fitted=FittedRun(given.predictions, given.labels, given.folds, given.weights, given.choices),
        audit=given.audit,
        data=snakemake.params.data,
        root=snakemake.config["root"],
        configured=snakemake.params.configured,
        out=snakemake.output.variants,
        caveat=score_caveat(snakemake.params.demo, snakemake.params.weights),
    )
