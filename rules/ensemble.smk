# Stage 8, ensembling: the predictions of all folds' models on the test names, combined.


rule ensemble:
    """Combine and smooth the predictions of the folds' models on the test names."""
    input:
        predictions=collect("results/test_predictions/fold{fold}.csv", fold=FOLDS),
        # Given models have no out-of-fold predictions that these could be fitted on.
        weights="results/ensemble_weights.csv" if TRAINS else [],
        choices="results/postprocessing.csv" if TRAINS else [],
    output:
        ensemble="results/ensemble.csv",
        job_record="results/ensemble.json",
    log:
        "results/logs/ensemble.log",
    benchmark:
        "results/benchmarks/ensemble.tsv"
    conda:
        "../envs/cpu.yaml"
    threads: 1
    resources:
        mem_mb=scaled_by_attempt(4000),
        runtime=scaled_by_attempt(20),
    params:
        code=code("ensemble"),
        postprocessing=config["postprocessing"],
    script:
        "../workflow/ensemble.py"
