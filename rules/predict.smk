# Stage 7, prediction: every frame with a crop, by the network that never saw its person.

# A network trained here predicts out of fold; given models predict the test names alone.
if TRAINS:

    rule predict:
        """Predict the names that a fold is scored on, and those held out from all folds."""
        input:
            checkpoint=needed("predict", checkpoint_of),
            folds=needed("predict", folds_of),
            caches=needed("predict", caches_of("fitted")),
        output:
            predictions="results/{run}predictions/fold{fold}.csv",
            job_record="results/{run}predictions/fold{fold}.json",
        log:
            "results/logs/{run}predict/fold{fold}.log",
        benchmark:
            "results/benchmarks/{run}predict/fold{fold}.tsv"
        conda:
            "../envs/gpu.yaml"
        threads: of_run("training", "threads")
        resources:
            gpu=1,
            mem_mb=scaled_by_attempt(6000),
            runtime=scaled_by_attempt(240),
        params:
            code=code("predict"),
            key=KEYS["predict"],
            caches=cache_folders,
            # Not an output: only networks that fuse by attention have them.
            stream_weights="results/{run}stream_weights/fold{fold}.csv",
        script:
            "../workflow/predict.py"


rule predict_test:
    """Predict the test names with the network of one fold."""
    input:
        checkpoint=needed("predict_test", checkpoint_of),
        caches=needed("predict_test", caches_of("test")),
    output:
        predictions="results/{run}test_predictions/fold{fold}.csv",
        job_record="results/{run}test_predictions/fold{fold}.json",
    log:
        "results/logs/{run}predict_test/fold{fold}.log",
    benchmark:
        "results/benchmarks/{run}predict_test/fold{fold}.tsv"
    conda:
        "../envs/gpu.yaml"
    threads: of_run("training", "threads")
    resources:
        gpu=1,
        mem_mb=scaled_by_attempt(6000),
        runtime=scaled_by_attempt(240),
    params:
        code=code("predict_test"),
        key=KEYS["predict_test"],
        given=given_digest,
        trained_on=given_trained_on,
        names=TEST_NAMES,
        caches=cache_folders,
        stream_weights="results/{run}test_stream_weights/fold{fold}.csv",
    script:
        "../workflow/predict_test.py"
