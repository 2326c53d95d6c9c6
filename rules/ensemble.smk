# Stage 8, ensembling: what the models of all folds say together.


rule ensemble:
    """Combine the fold models on the test names and smooth what they say."""
    input:
        predictions=collect("results/predictions/fold{fold}.csv", fold=FOLDS),
        weights="results/ensemble_weights.csv",
        choices="results/postprocessing.csv",
        code=code("ensemble"),
    output:
        ensemble="results/ensemble.csv",
        made="results/ensemble.json",
    log:
        "results/logs/ensemble.log",
    benchmark:
        "results/benchmarks/ensemble.tsv"
    conda:
        "../envs/cpu.yaml"
    threads: 1
    resources:
        mem_mb=growing(4000),
        runtime=growing(20),
    params:
        postprocessing=config["postprocessing"],
    script:
        "../workflow/ensemble.py"
