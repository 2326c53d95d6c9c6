"""Draw the submission against the truth of test names."""

from mimamo.jobs.job import logged

with logged(snakemake):
    from mimamo.evidence.caveats import score_caveat
    from mimamo.figures.traces import draw_test_traces

    draw_test_traces(
        filled=snakemake.input.filled,
        truth=snakemake.input.truth,
        out=snakemake.output.traces,
        subtitle=score_caveat(demo=True, weights=snakemake.params.weights),
    )
