"""Score every ensemble, on names that its weights were not fitted on, beside the configured run."""

from mimamo.jobs.job import logged

with logged(snakemake):
    from mimamo.ensembles.scores import Ensemble, score_ensembles
    from mimamo.evidence.caveats import score_caveat
    from mimamo.evidence.variants import FittedRun

    given, ensembles = snakemake.input, snakemake.params.ensembles
    folds = len(given.predictions) // len(ensembles)
    scored = {}
    for number, (name, settings) in enumerate(ensembles.items()):
        predictions = given.predictions[number * folds : (number + 1) * folds]
        fitted = FittedRun(
            predictions, given.labels, given.folds, given.weights[number], given.choices[number]
        )
        scored[name] = Ensemble(fitted, settings["members"], settings["weights"])
    score_ensembles(
        scored,
        method=snakemake.params.combination,
        out=snakemake.output.ensembles,
        caveat=score_caveat(snakemake.params.demo, snakemake.params.weights),
    )
