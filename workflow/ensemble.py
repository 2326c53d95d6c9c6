"""Average the fold models on the test names."""

from mimamo.job import logged

with logged(snakemake):
    from mimamo.ensemble import ensemble_folds

    ensemble_folds(predictions=snakemake.input.predictions, out=snakemake.output.ensemble)
