# Stage 5, folds: training and validation set merged, or the training set alone, split over person groups.


rule folds:
    """Give every labelled name its role in every fold."""
    input:
        audit=needed("folds", "results/audit.csv"),
        labels=needed("folds", "results/labels", check_limits),
    output:
        folds="results/{run}folds.csv",
        job_record="results/{run}folds.json",
    log:
        "results/logs/{run}folds.log",
    benchmark:
        "results/benchmarks/{run}folds.tsv"
    localrule: True
    conda:
        "../envs/cpu.yaml"
    threads: 1
    resources:
        mem_mb=scaled_by_attempt(4000),
        runtime=scaled_by_attempt(20),
    params:
        code=code("folds"),
        key=KEYS["folds"],
        folds=section_of("folds"),
        protocol=lambda wildcards: RUN_CONFIGS[wildcards.run]["protocol"],
    script:
        "../workflow/folds.py"
