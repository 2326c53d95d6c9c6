"""Join the audit of all batches into one table."""

from mimamo.job import logged

with logged(snakemake):
    from mimamo.audit import audit_table

    audit_table(
        batches=snakemake.input.batches,
        data=snakemake.params.data,
        root=snakemake.params.root,
        table_csv=snakemake.output.table,
        strict=snakemake.params.strict,
    )
