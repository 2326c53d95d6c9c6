"""Join what the audit found for all names into one table, with a verdict for every name."""

from mimamo.jobs.job import logged

with logged(snakemake):
    from mimamo.audit.batches import audit_table

    audit_table(
        names=snakemake.params.names,
        folder=snakemake.params.records,
        data=snakemake.params.data,
        root=snakemake.config["root"],
        table_csv=snakemake.output.table,
        frames_csv=snakemake.output.frames,
        # Not a parameter: it changes no table.
        strict=snakemake.config["strict"],
    )
