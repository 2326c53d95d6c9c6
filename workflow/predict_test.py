"""Predict the test names with the network of one fold."""

from mimamo.jobs.job import logged

with logged(snakemake):
    from mimamo.model.inference import predict_fold

    predict_fold(
        fold=int(snakemake.wildcards.fold),
        checkpoint=snakemake.input.checkpoint,
        caches=snakemake.params.caches,
        predictions_csv=snakemake.output.predictions,
        weights_csv=snakemake.params.stream_weights,
        test_names=snakemake.params.names,
    )
