# Stage 5, folds: training and validation set merged and split over person groups.


rule folds:
    """Give every labelled name its role in every fold."""
    input:
        audit="results/audit.csv",
        labels="results/labels",
        code=code("folds"),
    output:
        folds="results/folds.csv",
    log:
        "results/logs/folds.log",
    benchmark:
        "results/benchmarks/folds.tsv"
    localrule: True
    conda:
        "../envs/cpu.yaml"
    threads: 1
    resources:
        mem_mb=growing(4000),
        runtime=growing(20),
    params:
        folds=config["folds"],
    script:
        "../workflow/folds.py"
