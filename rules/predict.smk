# Stage 7, prediction: every frame with a crop, by the network that never saw its person.


rule predict:
    """Predict the names that a fold is scored on, those held out from all folds, and the test names."""
    input:
        checkpoint=checkpoint_of,
        folds=folds_of,
        audit="results/audit.csv",
        phase=expand("results/phase/{batch}", batch=BATCHES),
        features=expand("results/features/{batch}", batch=BATCHES),
    output:
        predictions="results/{run}predictions/fold{fold}.csv",
        job_record="results/{run}predictions/fold{fold}.json",
    log:
        "results/logs/{run}predict/fold{fold}.log",
    benchmark:
        "results/benchmarks/{run}predict/fold{fold}.tsv"
    conda:
        "../envs/gpu.yaml"
    threads: config["training"]["threads"]
    resources:
        gpu=1,
        mem_mb=scaled_by_attempt(6000),
        runtime=scaled_by_attempt(240),
    params:
        code=code("predict"),
        given=given_digest,
        # Only the configured run goes on to the test names, and an ablation needs what it is scored on alone.
        roles=lambda wildcards: {"": ["score", "validation", "test"], OFFICIAL: ["score", "validation"]}.get(
            wildcards.run, ["score"]
        ),
    script:
        "../workflow/predict.py"
