"""Check the crops, annotations and containers of one batch of names."""

from pathlib import Path

from mimamo.jobs.job import logged

with logged(snakemake):
    from mimamo.audit.batches import BatchInventory, audit_batch
    from mimamo.provenance.record import describe_job

    audit_batch(
        keys=snakemake.params.name_keys,
        subsets=snakemake.params.subsets,
        data=snakemake.params.data,
        streams=snakemake.params.streams,
        root=snakemake.config["root"],
        decode_containers=snakemake.params.decode_containers,
        folder=Path(snakemake.params.records),
        threads=snakemake.threads,
        known=snakemake.params.known,
        note=f"{snakemake.log[0]}.progress",
        inventory=BatchInventory(Path(snakemake.params.inventory), snakemake.params.versions),
        about=describe_job(snakemake),
    )
