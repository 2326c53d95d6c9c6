# Tracking: settings, curves, scores and files of the runs in MLflow, where config.yaml asks for it.


rule tracking:
    """Log a run in MLflow; what is there already is left alone."""
    input:
        histories=fold_files("results/{run}train/fold{fold}/history.csv"),
        scores="results/{run}scores.csv",
        # The page and the provenance are those of the configured run.
        files=lambda wildcards: [] if wildcards.run else ["results/report.html", "results/provenance.json"],
    output:
        record="results/{run}mlflow.json",
    log:
        "results/logs/{run}tracking.log",
    benchmark:
        "results/benchmarks/{run}tracking.tsv"
    # A server may be out of a compute node's reach.
    localrule: True
    conda:
        "../envs/gpu.yaml"
    threads: 1
    resources:
        mem_mb=scaled_by_attempt(2000),
        runtime=scaled_by_attempt(20),
    params:
        code=code("tracking"),
        name=lambda wildcards: wildcards.run.rstrip("/") or CONFIGURED,
        experiment=config["report"]["name"] or PORTABLE_CONFIG["root"],
        settings=tracked_settings,
        store="results/mlflow",
    script:
        "../workflow/tracking.py"
