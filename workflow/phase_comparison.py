"""Move crops by a known motion and measure how well each kind of phase differences recovers it."""

from mimamo.jobs.job import logged

with logged(snakemake):
    from mimamo.evidence.caveats import score_caveat
    from mimamo.phase.comparison import compare_phase

    compare_phase(
        frames=snakemake.input.frames,
        filters=snakemake.input.filters,
        data=snakemake.params.data,
        root=snakemake.config["root"],
        out=snakemake.output.comparison,
        caveat=score_caveat(snakemake.params.demo, ""),
    )
