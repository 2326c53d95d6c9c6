"""Give every labelled name its role in every fold."""

from mimamo.jobs.job import logged

with logged(snakemake):
    from mimamo.dataset.folds import write_folds

    write_folds(
        audit_csv=snakemake.input.audit,
        labels_folder=snakemake.input.labels,
        folds_csv=snakemake.output.folds,
        protocol=snakemake.params.protocol,
        **snakemake.params.folds,
    )
