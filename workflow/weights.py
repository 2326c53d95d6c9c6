"""Fetch the weights of a backbone into the cache folder, once, and record them."""

from mimamo.jobs.job import logged

with logged(snakemake):
    from mimamo.features.settings import settings_of
    from mimamo.features.weights import record_weights
    from mimamo.streams import section_of_stage

    config, params = snakemake.config, snakemake.params
    where, section = section_of_stage(params.stage, config["streams"], config["spatial"])
    with settings_of(where):
        record_weights({**section, **params.spatial}, snakemake.output.record)
