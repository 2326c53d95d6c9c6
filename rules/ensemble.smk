# Stage 8, ensembling: the predictions of all folds' models on the test names, combined.

from mimamo.ensembles.settings import postprocessing_of


rule ensemble:
    """Combine and smooth the predictions of the folds' models on the test names."""
    input:
        predictions=fold_files("results/{run}test_predictions/fold{fold}.csv"),
        # Given models have no out-of-fold predictions that these could be fitted on.
        weights=fitted_file("ensemble_weights.csv"),
        choices=fitted_file("postprocessing.csv"),
    output:
        ensemble="results/{run}ensemble.csv",
        job_record="results/{run}ensemble.json",
    log:
        "results/logs/{run}ensemble.log",
    benchmark:
        "results/benchmarks/{run}ensemble.tsv"
    wildcard_constraints:
        run=ANY_RUN,
    conda:
        "../envs/cpu.yaml"
    threads: 1
    resources:
        mem_mb=scaled_by_attempt(4000),
        runtime=scaled_by_attempt(20),
    params:
        code=code("ensemble"),
        postprocessing=lambda wildcards: postprocessing_of(settings_of(wildcards.run)),
    script:
        "../workflow/ensemble.py"
