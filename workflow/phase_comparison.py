"""Set crops in motion and see which phase differences find the motion again."""

from mimamo.jobs.job import logged

with logged(snakemake):
    from mimamo.evidence.caveats import caveat
    from mimamo.phase.comparison import compare_phase

    compare_phase(
        frames=snakemake.input.frames,
        filters=snakemake.input.filters,
        data=snakemake.params.data,
        root=snakemake.params.root,
        out=snakemake.output.comparison,
        remark=caveat(snakemake.params.demo, ""),
    )
