"""Take the steerable pyramid's filters from pyrtools, once for all phase jobs."""

from mimamo.jobs.job import logged

with logged(snakemake):
    from mimamo.phase.steerable_pyramid import build_filters, save_filters

    save_filters(build_filters(), snakemake.output.filters)
