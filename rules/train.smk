# Stage 6, training: MIMAMO Net, one job per fold, on a GPU where there is one.

# Given models may lie in the folder of an earlier run, and must not be taken for what a training is to write.
if TRAINS:

    rule train:
        """Train the network of one fold."""
        input:
            folds=needed("train", folds_of, check_limits),
            labels=needed("train", "results/labels"),
            caches=needed("train", caches_of("fitted")),
        output:
            checkpoint="results/{run}train/fold{fold}/model.pt",
            history="results/{run}train/fold{fold}/history.csv",
            job_record="results/{run}train/fold{fold}/model.json",
        log:
            "results/logs/{run}train/fold{fold}.log",
        benchmark:
            "results/benchmarks/{run}train/fold{fold}.tsv"
        conda:
            "../envs/gpu.yaml"
        threads: of_run("training", "threads")
        resources:
            gpu=of_run("training", "gpus"),
            mem_mb=scaled_by_attempt(8000),
            runtime=scaled_by_attempt(1440),
        params:
            code=code("train"),
            key=KEYS["train"],
            caches=cache_folders,
            network=section_of("network"),
            training=section_of("training"),
            spatial=section_of("spatial"),
            demo=IS_DEMO,
            streams=streams_of,
            # Not outputs: Snakemake removes those of a job that was stopped, and the state must outlive it.
            state="results/{run}train/fold{fold}/state",
            # Curves for TensorBoard, of use while the training lasts; they contain wall-clock times.
            events="results/{run}train/fold{fold}/tensorboard",
        script:
            "../workflow/train.py"
