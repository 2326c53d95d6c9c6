"""Put the submissions beside each other: validity, scores, differences; and a README beside each."""

from mimamo.jobs.job import logged

with logged(snakemake):
    from mimamo.ensembles.submissions import Submitted, Upload, describe_submissions
    from mimamo.evidence.caveats import score_caveat
    from mimamo.evidence.variants import FittedRun

    given, submissions = snakemake.input, snakemake.params.submissions
    folds = len(given.predictions) // len(submissions)
    submitted = {}
    for number, (name, settings) in enumerate(submissions.items()):
        predictions = given.predictions[number * folds : (number + 1) * folds]
        submitted[name] = Submitted(
            settings,
            FittedRun(predictions, given.labels, given.folds, given.weights[number], given.choices[number]),
            Upload(given.filled[number], given.archives[number]),
            given.checks[number],
        )
    describe_submissions(
        submitted,
        configured=Upload(given.configured_filled, given.configured_archive),
        provenance=given.provenance,
        table=snakemake.output.table,
        pairs=snakemake.output.pairs,
        readmes=dict(zip(submissions, snakemake.output.readmes, strict=True)),
        caveat=score_caveat(snakemake.params.demo, snakemake.params.weights),
    )
