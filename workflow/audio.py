"""Cache the sound of the videos of one batch of names, as log-mel values at their frames."""

from pathlib import Path

from mimamo.jobs.job import logged

with logged(snakemake):
    from mimamo.features.audio import audio_batch
    from mimamo.provenance.record import describe_job

    audio_batch(
        keys=snakemake.params.name_keys,
        audit=Path(snakemake.params.audit),
        settings=snakemake.params.settings,
        data=snakemake.params.data,
        root=snakemake.config["root"],
        folder=Path(snakemake.params.records),
        about=describe_job(snakemake),
    )
