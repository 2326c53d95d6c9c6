"""Compute the phase differences of one batch of names."""

from mimamo.jobs.job import logged

with logged(snakemake):
    from mimamo.phase.cache import phase_batch

    phase_batch(
        names=snakemake.params.names,
        frames_csv=snakemake.input.frames,
        filters=snakemake.input.filters,
        data=snakemake.params.data,
        root=snakemake.config["root"],
        folder=snakemake.output.phase,
    )
