"""Draw the figures that need no truth beyond the labels."""

from mimamo.jobs.job import logged

with logged(snakemake):
    from mimamo.figures.captions import read_caption
    from mimamo.figures.curves import draw_fold_curves
    from mimamo.figures.density import draw_density
    from mimamo.figures.intervals import draw_scores
    from mimamo.figures.strip import draw_phase_strip
    from mimamo.figures.traces import draw_traces

    given, drawn = snakemake.input, snakemake.output

    draw_fold_curves(given.histories, drawn.fold_curves, read_caption("fold_curves", snakemake))
    draw_scores(given.scores, drawn.scores, read_caption("scores_figure", snakemake))
    draw_traces(
        scores=given.scores,
        predictions=given.predictions,
        labels=given.labels,
        audit=given.audit,
        out=drawn.traces,
        caption=read_caption("traces", snakemake),
    )
    draw_density(
        predictions=given.predictions,
        labels=given.labels,
        folds=given.folds,
        out=drawn.density,
        caption=read_caption("density", snakemake),
    )
    draw_phase_strip(
        scores=given.scores,
        phase=snakemake.params.phase,
        data=snakemake.params.data,
        root=snakemake.config["root"],
        out=drawn.phase_strip,
        caption=read_caption("phase_strip", snakemake),
        faces=snakemake.params.faces,
    )
