# Stage 4, features that somebody brings: their rows at the frames with a crop, in the form of the other features.


rule brought:
    """Cache the features of one stream that somebody brings, of the names of a batch."""
    input:
        batches=audited,
        corpus=rendered,
    output:
        # The caches are not: a job that is run again must not lose those of other names.
        job_record="results/brought/{stream}/batches/{batch}.json",
    log:
        "results/logs/brought/{stream}/{batch}.log",
    benchmark:
        "results/benchmarks/brought/{stream}/{batch}.tsv"
    conda:
        "../envs/cpu.yaml"
    threads: 1
    resources:
        mem_mb=scaled_by_attempt(4000),
        runtime=scaled_by_attempt(240),
    params:
        code=code("brought"),
        name_keys=batch_keys("brought/{stream}"),
        marker=marker("brought/{stream}"),
        audit=folder_of("audit"),
        records=folder_of("brought/{stream}"),
        streams=lambda wildcards: {wildcards.stream: BROUGHT[wildcards.stream]},
        data=config["data"],
    script:
        "../workflow/brought.py"
