"""Join the audit of all batches into one table, with a verdict for every name."""

from mimamo.jobs.job import logged

with logged(snakemake):
    from mimamo.audit.batches import audit_table

    audit_table(
        batches=snakemake.input.batches,
        data=snakemake.params.data,
        root=snakemake.config["root"],
        table_csv=snakemake.output.table,
        strict=snakemake.params.strict,
    )
