# Stage 4, spatial features: the backbone's pooled activations of every crop.


rule features:
    """Compute the spatial features of one batch of names, on a GPU where there is one."""
    input:
        frames=checked(refuse_faults, "results/audit/{batch}/frames.csv"),
        corpus=rendered,
        # Random weights are drawn where they are needed.
        weights=["results/weights.json"] if config["spatial"]["weights"] != "random" else [],
    output:
        features=directory("results/features/{batch}"),
        job_record="results/features/{batch}.json",
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
        versions=version("crops"),
        names=lambda wildcards: BATCHES[wildcards.batch],
        spatial=result_settings("spatial", config["spatial"]),
        data=crop_layout,
    script:
        "../workflow/features.py"
