"""Draw the submission against the truth of test names."""

from mimamo.jobs.job import logged

with logged(snakemake):
    from mimamo.figures.captions import read_caption
    from mimamo.figures.traces import draw_test_traces

    draw_test_traces(
        filled=snakemake.input.filled,
        truth=snakemake.input.truth,
        out=snakemake.output.traces,
        caption=read_caption("test_traces", snakemake),
    )
