"""Write which caches the fitted names, or the test names, have."""

from mimamo.jobs.job import logged

with logged(snakemake):
    from mimamo.dataset.cache_table import write_cache_table

    write_cache_table(
        names=snakemake.params.names,
        folders=snakemake.params.folders,
        features=snakemake.params.features,
        keys=snakemake.params.name_keys,
        out=snakemake.output.table,
    )
