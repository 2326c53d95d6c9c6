"""Render the demo corpus and, outside it, the ground truth."""

from pathlib import Path

from mimamo.jobs.job import logged

with logged(snakemake):
    from mimamo.corpus.inventory import forget
    from mimamo.demo.render import render_corpus

    forget(snakemake.params.inventory)
    render_corpus(
        corpus=Path(snakemake.output.corpus),
        truth=Path(snakemake.output.truth),
        identities=Path(snakemake.output.identities),
        processes=snakemake.threads,
        **snakemake.params.demo,
    )
