"""Join the records of all jobs into the chain from the submission back to weights, settings and code."""

from pathlib import Path

from mimamo.jobs.job import logged

with logged(snakemake):
    from mimamo.provenance.chain import write_chain

    write_chain(
        records=snakemake.input.job_records,
        features=snakemake.input.features,
        config=snakemake.params.config,
        out=Path(snakemake.output.chain),
    )
