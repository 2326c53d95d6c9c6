# Stage 8, post-processing: what is fitted after training, on predictions of names that the networks have not seen.


rule postprocessing:
    """Fit ensemble weights, smoothing and label delay on the out-of-fold predictions."""
    input:
        predictions=fold_files("results/{run}predictions/fold{fold}.csv"),
        labels="results/labels",
        folds=folds_of,
    output:
        weights="results/{run}ensemble_weights.csv",
        choices="results/{run}postprocessing.csv",
        job_record="results/{run}postprocessing.json",
    log:
        "results/logs/{run}postprocessing.log",
    benchmark:
        "results/benchmarks/{run}postprocessing.tsv"
    wildcard_constraints:
        run=ANY_RUN,
    conda:
        "../envs/cpu.yaml"
    threads: 1
    resources:
        mem_mb=scaled_by_attempt(8000),
        runtime=scaled_by_attempt(60),
    params:
        code=code("postprocessing"),
    script:
        "../workflow/postprocessing.py"
