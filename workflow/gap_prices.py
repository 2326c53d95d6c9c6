"""Mask the gaps of the test names into names with truth and score every policy."""

from mimamo.jobs.job import logged

with logged(snakemake):
    from mimamo.evidence.caveats import caveat
    from mimamo.evidence.gap_prices import price_gaps
    from mimamo.evidence.variants import Fitted

    given = snakemake.input
    price_gaps(
        fitted=Fitted(given.predictions, given.labels, given.folds, given.weights, given.choices),
        audit=given.audit,
        frames=given.frames,
        ensemble=snakemake.params.ensemble,
        out=snakemake.output.prices,
        remark=caveat(snakemake.params.demo, snakemake.params.weights),
    )
