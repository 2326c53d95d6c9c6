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
        name_keys=lambda wildcards: batch_keys(f"brought/{wildcards.stream}")(wildcards),
        marker=lambda wildcards: marker(f"brought/{wildcards.stream}")(wildcards),
        audit=folder_of("audit"),
        records=lambda wildcards: str(RECORDS[f"brought/{wildcards.stream}"].folder),
        streams=lambda wildcards: {wildcards.stream: BROUGHT[wildcards.stream]},
        data=config["data"],
    script:
        "../workflow/brought.py"
