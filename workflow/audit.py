"""Check the crops, annotations and containers of one batch of names."""

from pathlib import Path

from mimamo.jobs.job import logged

with logged(snakemake):
    from mimamo.audit.batches import audit_batch
    from mimamo.audit.records import BatchRecords

    audit_batch(
        names=snakemake.params.names,
        subsets=snakemake.params.subsets,
        data=snakemake.params.data,
        root=snakemake.config["root"],
        decode_containers=snakemake.params.decode_containers,
        names_csv=snakemake.output.names,
        frames_csv=snakemake.output.frames,
        symptoms_csv=snakemake.output.symptoms,
        threads=snakemake.threads,
        known=snakemake.params.known,
        note=f"{snakemake.log[0]}.progress",
        records=BatchRecords(
            versions=snakemake.params.versions,
            folder=Path(snakemake.params.inventory),
            table=Path(snakemake.output.files),
        ),
    )
