"""Compute the features of one backbone of one batch of names."""

from pathlib import Path

from mimamo.jobs.job import logged

with logged(snakemake):
    from mimamo.features.extract import features_batch
    from mimamo.features.settings import settings_of
    from mimamo.provenance.record import describe_job
    from mimamo.runs import backbone_of, faults_of

    config, stage = snakemake.config, snakemake.wildcards.stage
    run, where, section = backbone_of(config, stage)
    with faults_of(run), settings_of(where):
        features_batch(
            keys=snakemake.params.name_keys,
            audit=Path(snakemake.params.audit),
            spatial=section,
            data=snakemake.params.data,
            root=config["root"],
            folder=Path(snakemake.params.records),
            about=describe_job(snakemake),
            # The features of this backbone may be those of the section spatial there.
            others=[
                Path(results, folder)
                for results in config["reuse"]
                for folder in dict.fromkeys((stage, "features"))
            ],
        )
