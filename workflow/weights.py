"""Fetch the weights of a backbone into the cache folder, once, and record them."""

from mimamo.jobs.job import logged

with logged(snakemake):
    from mimamo.features.settings import settings_of
    from mimamo.features.weights import record_weights
    from mimamo.runs import backbone_of, faults_of

    run, where, section = backbone_of(snakemake.config, snakemake.params.stage)
    with faults_of(run), settings_of(where):
        record_weights(section, snakemake.output.record)
