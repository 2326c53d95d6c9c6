"""Compute the spatial features of one batch of names."""

from pathlib import Path

from mimamo.jobs.job import logged

with logged(snakemake):
    from mimamo.features.extract import features_batch
    from mimamo.provenance.record import describe_job

    features_batch(
        keys=snakemake.params.name_keys,
        audit=Path(snakemake.params.audit),
        spatial={**snakemake.config["spatial"], **snakemake.params.spatial},
        data=snakemake.params.data,
        root=snakemake.config["root"],
        folder=Path(snakemake.params.records),
        about=describe_job(snakemake),
        others=[Path(results, "features") for results in snakemake.config["reuse"]],
    )
