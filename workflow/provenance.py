"""Join the records of all jobs into the chain from the submission back to weights, settings and code."""

import json
from pathlib import Path

from mimamo.jobs.job import logged

with logged(snakemake):
    from mimamo.evidence.caveats import prediction_caveat, score_caveat
    from mimamo.provenance.chain import write_chain
    from mimamo.storage.name_records import NameRecords

    settings = [json.loads(Path(path).read_text())["settings"] for path in snakemake.input.job_records]
    given = [tuple(values["trained_on"]) for values in settings if values.get("trained_on")]
    caveat = score_caveat(snakemake.params.demo, snakemake.params.weights)
    write_chain(
        records=snakemake.input.job_records,
        by_name=[NameRecords(Path(folder), suffix) for folder, suffix in snakemake.params.records],
        names=snakemake.params.names,
        features=snakemake.params.features,
        config=snakemake.params.config,
        out=Path(snakemake.output.chain),
        caveat=prediction_caveat(given) if given else caveat,
    )
