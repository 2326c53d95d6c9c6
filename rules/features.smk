# Stage 4, spatial features: a backbone's pooled activations of every crop.

from mimamo.features.settings import RANDOM


rule features:
    """Compute the spatial features of the names of a batch, on a GPU where there is one."""
    input:
        batches=audited,
        corpus=rendered,
        # Random weights are drawn where they are needed.
        weights=lambda wildcards: (
            [] if BACKBONES[wildcards.stage]["weights"] == RANDOM else weights_record(wildcards.stage)
        ),
    output:
        # The caches are not: a job that is run again must not lose those of other names.
        job_record="results/{stage}/batches/{batch}.json",
    log:
        "results/logs/{stage}/{batch}.log",
    benchmark:
        "results/benchmarks/{stage}/{batch}.tsv"
    conda:
        "../envs/gpu.yaml"
    threads: 1
    resources:
        gpu=1,
        mem_mb=scaled_by_attempt(4000),
        runtime=scaled_by_attempt(720),
    params:
        code=code("features"),
        name_keys=batch_keys("{stage}"),
        marker=marker("{stage}"),
        audit=folder_of("audit"),
        records=folder_of("{stage}"),
        spatial=lambda wildcards: result_settings("spatial", BACKBONES[wildcards.stage]),
        data=crop_layout,
    script:
        "../workflow/features.py"
