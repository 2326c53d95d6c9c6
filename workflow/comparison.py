"""Put the scores of the run beside each other, and on Aff-Wild2 beside published numbers."""

from mimamo.jobs.job import logged

with logged(snakemake):
    from mimamo.evidence.caveats import score_caveat
    from mimamo.evidence.comparison import write_comparison

    protocols = snakemake.params.protocols
    write_comparison(
        scores=dict(zip(protocols, snakemake.input.scores, strict=True)),
        variants=dict(zip(protocols, snakemake.input.variants, strict=True)),
        out=snakemake.output.comparison,
        published=snakemake.params.published,
        caveat=score_caveat(snakemake.params.demo, snakemake.params.weights),
    )
