"""Make the crops of one batch of names from the data set's containers."""

from functools import partial
from pathlib import Path

from mimamo.jobs.job import logged

with logged(snakemake):
    from mimamo.corpus.inventory import forget_crops
    from mimamo.corpus.layout import Corpus
    from mimamo.cropping.names import Making, cut_batch
    from mimamo.cropping.weights import find_detector
    from mimamo.provenance.record import describe_job

    cut_batch(
        Making(
            corpus=Corpus.from_config({"data": snakemake.params.data}, snakemake.config["root"]),
            roles=snakemake.params.people,
            keys=snakemake.params.name_keys,
            about=describe_job(snakemake),
            forget=partial(forget_crops, snakemake.params.inventory),
            smoothing=snakemake.params.cropping["smoothing"],
            detector=find_detector(snakemake.params.cropping["detector"]),
            threads=snakemake.threads,
        ),
        table=Path(snakemake.output.table),
    )
