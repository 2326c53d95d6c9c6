"""Compute the phase differences of one batch of names."""

from pathlib import Path

from mimamo.jobs.job import logged

with logged(snakemake):
    from mimamo.phase.cache import phase_batch
    from mimamo.provenance.record import describe_job

    phase_batch(
        keys=snakemake.params.name_keys,
        audit=Path(snakemake.params.audit),
        filters=snakemake.input.filters,
        data=snakemake.params.data,
        root=snakemake.config["root"],
        folder=Path(snakemake.params.records),
        about=describe_job(snakemake),
        others=[Path(results, "phase") for results in snakemake.config["reuse"]],
    )
