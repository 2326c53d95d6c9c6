"""Join the records of all jobs into the chain from the submission back to weights, settings and code."""

from pathlib import Path

from mimamo.jobs.job import logged

with logged(snakemake):
    from mimamo.provenance.chain import write_chain
    from mimamo.storage.name_records import NameRecords

    write_chain(
        records=snakemake.input.job_records,
        by_name=[NameRecords(Path(folder), suffix) for folder, suffix in snakemake.params.records],
        names=snakemake.params.names,
        config=snakemake.params.config,
        out=Path(snakemake.output.chain),
    )
