"""Predict the names that a fold is scored on, and those held out from all folds."""

from mimamo.jobs.job import logged

with logged(snakemake):
    from mimamo.model.inference import predict_fold

    predict_fold(
        fold=int(snakemake.wildcards.fold),
        checkpoint=snakemake.input.checkpoint,
        caches=snakemake.params.caches,
        predictions_csv=snakemake.output.predictions,
        weights_csv=snakemake.params.stream_weights,
        folds_csv=snakemake.input.folds,
    )
