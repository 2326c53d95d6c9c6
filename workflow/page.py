"""Write the HTML report of the run, which a reader opens first."""

from mimamo.jobs.job import logged

with logged(snakemake):
    from mimamo.page.build import make_page
    from mimamo.page.sources import Sources

    given, params = snakemake.input, snakemake.params
    make_page(
        Sources(
            histories=given.histories,
            predictions=given.predictions,
            scores=given.scores or None,
            baseline=given.baseline or None,
            labels=given.labels or None,
            summary=given.summary or None,
            folds=given.folds or None,
            audit=given.audit,
            gaps=given.gaps or None,
            check=given.check or None,
            filled=given.filled or None,
            truth=given.truth or None,
            phase=params.phase,
            features=params.features,
            stream_weights=params.stream_weights,
            test_stream_weights=params.test_stream_weights,
            benchmarks=params.benchmarks,
            others={**params.tables, **params.optional_tables},
        ),
        config=params.config,
        root=snakemake.config["root"],
        demo=params.demo,
        models=params.models,
        faces=params.faces,
        rule=snakemake.rule,
        out=snakemake.output.page,
        traces=snakemake.output.traces,
        edition=params.edition,
    )
