# Stage 4, spatial features: the backbone's pooled activations of every crop.


rule features:
    """Compute the spatial features of the names of a batch, on a GPU where there is one."""
    input:
        batches=audited,
        corpus=rendered,
        # Random weights are drawn where they are needed.
        weights=["results/weights.json"] if config["spatial"]["weights"] != "random" else [],
    output:
        # The caches are not: a job that is run again must not lose those of other names.
        job_record="results/features/batches/{batch}.json",
    log:
        "results/logs/features/{batch}.log",
    benchmark:
        "results/benchmarks/features/{batch}.tsv"
    conda:
        "../envs/gpu.yaml"
    threads: 1
    resources:
        gpu=1,
        mem_mb=scaled_by_attempt(4000),
        runtime=scaled_by_attempt(720),
    params:
        code=code("features"),
        name_keys=batch_keys("features"),
        marker=marker("features"),
        audit=folder_of("audit"),
        records=folder_of("features"),
        spatial=result_settings("spatial", config["spatial"]),
        data=crop_layout,
    script:
        "../workflow/features.py"
