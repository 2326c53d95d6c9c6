"""Mask the gaps of the test names into names with truth and score every policy."""

from mimamo.jobs.job import logged

with logged(snakemake):
    from mimamo.evidence.caveats import score_caveat
    from mimamo.evidence.gap_prices import score_gap_policies
    from mimamo.evidence.variants import FittedRun

    given = snakemake.input
    score_gap_policies(
        fitted=FittedRun(given.predictions, given.labels, given.folds, given.weights, given.choices),
        audit=given.audit,
        frames=given.frames,
        ensemble=snakemake.params.ensemble,
        configured=snakemake.params.policy,
        out=snakemake.output.prices,
        caveat=score_caveat(snakemake.params.demo, snakemake.params.weights),
    )
