"""Fetch the spatial weights into the cache folder, once, and record them."""

from mimamo.jobs.job import logged

with logged(snakemake):
    from mimamo.features.weights import record_weights

    record_weights({**snakemake.config["spatial"], **snakemake.params.spatial}, snakemake.output.record)
