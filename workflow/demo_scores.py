"""Score the submission, and every gap policy, against the truth of the test names."""

from mimamo.jobs.job import logged

with logged(snakemake):
    from mimamo.evidence.caveats import score_caveat
    from mimamo.evidence.demo_scores import score_demo

    score_demo(
        filled=snakemake.input.filled,
        ensemble=snakemake.input.ensemble,
        gaps=snakemake.input.gaps,
        labels=snakemake.input.labels,
        folds=snakemake.input.folds,
        truth=snakemake.input.truth,
        out=snakemake.output.scores,
        caveat=score_caveat(demo=True, weights=snakemake.params.weights),
    )
