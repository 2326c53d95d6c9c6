"""Draw the figures that need no truth beyond the labels."""

from mimamo.jobs.job import logged

with logged(snakemake):
    from mimamo.evidence.caveats import score_caveat
    from mimamo.figures.curves import draw_fold_curves
    from mimamo.figures.density import draw_density
    from mimamo.figures.intervals import draw_scores
    from mimamo.figures.strip import draw_phase_strip
    from mimamo.figures.traces import draw_traces

    given, drawn = snakemake.input, snakemake.output
    subtitle = score_caveat(snakemake.params.demo, snakemake.params.weights)

    draw_fold_curves(given.histories, drawn.fold_curves, subtitle)
    draw_scores(given.scores, drawn.scores, subtitle)
    draw_traces(given.scores, given.predictions, given.labels, given.audit, drawn.traces, subtitle)
    draw_density(given.predictions, given.labels, given.folds, drawn.density, subtitle)
    draw_phase_strip(
        scores=given.scores,
        phase=snakemake.params.phase,
        data=snakemake.params.data,
        root=snakemake.config["root"],
        out=drawn.phase_strip,
        subtitle=subtitle,
        faces=snakemake.params.faces,
    )
