"""Filter the annotations of all names."""

from mimamo.jobs.job import logged

with logged(snakemake):
    from mimamo.dataset.labels import write_labels

    write_labels(
        audit_csv=snakemake.input.audit,
        frames_csv=snakemake.input.frames,
        data=snakemake.params.data,
        root=snakemake.config["root"],
        labels_folder=snakemake.output.labels,
        summary_csv=snakemake.output.summary,
    )
