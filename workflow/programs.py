"""Check the predictions of another program, and put them into the form of a run's."""

from mimamo.jobs.job import logged

with logged(snakemake):
    from mimamo.ensembles.external import OUT_OF_FOLD, TEST, take_external

    given = dict(zip(snakemake.params.kinds, snakemake.input.files, strict=True))
    take_external(
        name=snakemake.wildcards.program,
        out_of_fold=given[OUT_OF_FOLD],
        test=given[TEST] if snakemake.output.test_predictions else None,
        subsets=snakemake.params.subsets,
        audit=snakemake.input.audit,
        frames=snakemake.input.frames,
        labels=snakemake.input.labels,
        folds=snakemake.input.folds,
        predictions=snakemake.output.predictions,
        test_predictions=snakemake.output.test_predictions or None,
    )
