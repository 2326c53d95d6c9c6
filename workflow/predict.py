"""Predict the names that a fold is scored on, those held out from all folds, and the test names."""

from mimamo.jobs.job import logged

with logged(snakemake):
    from mimamo.model.inference import predict_fold

    predict_fold(
        fold=int(snakemake.wildcards.fold),
        checkpoint=snakemake.input.checkpoint,
        folds_csv=snakemake.input.folds or None,
        audit_csv=snakemake.input.audit,
        phase_folders=snakemake.input.phase,
        features_folders=snakemake.input.features,
        roles=snakemake.params.roles,
        predictions_csv=snakemake.output.predictions,
    )
