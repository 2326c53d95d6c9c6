# Stage 8, ensembling: what the models of all folds say together.


rule ensemble:
    """Average the fold models on the test names and clip to the labels' range."""
    input:
        predictions=collect("results/predictions/fold{fold}.csv", fold=FOLDS),
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
    script:
        "../workflow/ensemble.py"
