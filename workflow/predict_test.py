"""Predict the test names with the network of one fold."""

from mimamo.jobs.job import logged

with logged(snakemake):
    from mimamo.model.inference import predict_fold

    predict_fold(
        fold=int(snakemake.wildcards.fold),
        checkpoint=snakemake.input.checkpoint,
        phase_folders=snakemake.params.phase_folders,
        features_folders=snakemake.params.features_folders,
        predictions_csv=snakemake.output.predictions,
        test_names=snakemake.params.names,
    )
