"""Compute the spatial features of one batch of names."""

from mimamo.jobs.job import logged

with logged(snakemake):
    from mimamo.features.extract import features_batch

    features_batch(
        names=snakemake.params.names,
        frames_csv=snakemake.input.frames,
        spatial={**snakemake.config["spatial"], **snakemake.params.spatial},
        data=snakemake.params.data,
        root=snakemake.config["root"],
        folder=snakemake.output.features,
    )
