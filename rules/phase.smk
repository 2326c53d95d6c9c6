# Stage 3, phase differences: local motion of the face since the frame before.


rule filters:
    """Take the steerable pyramid's filters from pyrtools, once for all phase jobs."""
    output:
        filters="results/phase/filters.npz",
    log:
        "results/logs/filters.log",
    benchmark:
        "results/benchmarks/filters.tsv"
    localrule: True
    conda:
        "../envs/cpu.yaml"
    threads: 1
    resources:
        mem_mb=scaled_by_attempt(1000),
        runtime=scaled_by_attempt(10),
    params:
        code=code("filters"),
    script:
        "../workflow/filters.py"


rule phase:
    """Compute the phase differences of the names of a batch."""
    input:
        batches=audited,
        filters="results/phase/filters.npz",
        corpus=rendered,
    output:
        # The caches are not: a job that is run again must not lose those of other names.
        job_record="results/phase/batches/{batch}.json",
    log:
        "results/logs/phase/{batch}.log",
    benchmark:
        "results/benchmarks/phase/{batch}.tsv"
    conda:
        "../envs/gpu.yaml"
    threads: 1
    resources:
        mem_mb=scaled_by_attempt(2000),
        runtime=scaled_by_attempt(240),
    params:
        code=code("phase"),
        name_keys=batch_keys("phase"),
        marker=marker("phase"),
        audit=folder_of("audit"),
        records=folder_of("phase"),
        data=crop_layout,
    script:
        "../workflow/phase.py"
