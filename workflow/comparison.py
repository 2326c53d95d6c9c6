"""Put what was run beside published numbers."""

from mimamo.jobs.job import logged

with logged(snakemake):
    from mimamo.evidence.caveats import caveat
    from mimamo.evidence.comparison import compare

    protocols = snakemake.params.protocols
    compare(
        scores=dict(zip(protocols, snakemake.input.scores, strict=True)),
        variants=dict(zip(protocols, snakemake.input.variants, strict=True)),
        out=snakemake.output.comparison,
        remark=caveat(snakemake.params.demo, snakemake.params.weights),
    )
