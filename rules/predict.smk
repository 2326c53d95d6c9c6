# Stage 7, prediction: every frame with a crop, by the network that never saw its person.


rule predict:
    """Predict the names that a fold is scored on, and the test names, with that fold's network."""
    input:
        checkpoint="results/train/fold{fold}/model.pt",
        folds="results/folds.csv",
        audit="results/audit.csv",
        phase=expand("results/phase/{batch}", batch=BATCHES),
        features=expand("results/features/{batch}", batch=BATCHES),
        code=code("predict"),
    output:
        predictions="results/predictions/fold{fold}.csv",
        made="results/predictions/fold{fold}.json",
    log:
        "results/logs/predict/fold{fold}.log",
    benchmark:
        "results/benchmarks/predict/fold{fold}.tsv"
    conda:
        "../envs/gpu.yaml"
    threads: config["training"]["threads"]
    resources:
        gpu=1,
        mem_mb=growing(6000),
        runtime=growing(240),
    script:
        "../workflow/predict.py"
