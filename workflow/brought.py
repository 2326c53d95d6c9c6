"""Cache the features of one stream that somebody brings, of one batch of names."""

from pathlib import Path

from mimamo.jobs.job import logged

with logged(snakemake):
    from mimamo.features.brought import brought_batch
    from mimamo.provenance.record import describe_job

    brought_batch(
        stream=snakemake.wildcards.stream,
        keys=snakemake.params.name_keys,
        audit=Path(snakemake.params.audit),
        streams=snakemake.params.streams,
        data=snakemake.params.data,
        root=snakemake.config["root"],
        folder=Path(snakemake.params.records),
        about=describe_job(snakemake),
    )
