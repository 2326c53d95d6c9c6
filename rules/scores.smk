# Stage 7, scores: the official one is pooled over all frames of all videos.


rule scores:
    """Score the out-of-fold predictions: pooled, of every fold, of every video."""
    input:
        predictions=fold_files("results/{run}predictions/fold{fold}.csv"),
        labels="results/labels",
        folds=folds_of,
    output:
        scores=report(
            "results/{run}scores.csv",
            caption="../workflow/report/scores.rst",
            category="1 Scores",
            labels={"table": "out-of-fold scores"},
        ),
    log:
        "results/logs/{run}scores.log",
    benchmark:
        "results/benchmarks/{run}scores.tsv"
    conda:
        "../envs/cpu.yaml"
    threads: 1
    resources:
        mem_mb=scaled_by_attempt(4000),
        runtime=scaled_by_attempt(30),
    params:
        code=code("scores"),
        demo=IS_DEMO,
        weights=WEIGHTS,
    script:
        "../workflow/scores.py"


rule baseline:
    """Score ridge regression on single frames: the baseline without motion."""
    input:
        caches="results/caches/fitted.csv",
        labels="results/labels",
        folds="results/folds.csv",
    output:
        scores=report(
            "results/baseline.csv",
            caption="../workflow/report/baseline.rst",
            category="1 Scores",
            labels={"table": "ridge regression on single frames"},
        ),
    log:
        "results/logs/baseline.log",
    benchmark:
        "results/benchmarks/baseline.tsv"
    conda:
        "../envs/cpu.yaml"
    # The result depends on the number of threads in the last digits.
    threads: 1
    resources:
        mem_mb=scaled_by_attempt(4000),
        runtime=scaled_by_attempt(120),
    params:
        code=code("baseline"),
        features=BASELINE_FOLDER,
        demo=IS_DEMO,
        weights=WEIGHTS,
    script:
        "../workflow/baseline.py"
