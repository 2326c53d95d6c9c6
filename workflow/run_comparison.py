"""Score every variant out of fold beside the configured run, and say what choosing the best is worth."""

from mimamo.jobs.job import logged

with logged(snakemake):
    from mimamo.evidence.caveats import score_caveat
    from mimamo.evidence.run_comparison import TrainedRun, compare_runs

    variants = snakemake.params.variants
    compare_runs(
        variants={
            name: [TrainedRun.of_folder(run["folder"], run["count"], run["folds"]) for run in runs]
            for name, runs in variants.items()
        },
        changes=snakemake.params.changes,
        labels=snakemake.input.labels,
        held_out=dict(zip(variants, snakemake.input.held_out, strict=False)),
        out=snakemake.output.comparison,
        choice_out=snakemake.output.choice,
        caveat=score_caveat(snakemake.params.demo, snakemake.params.weights),
    )
