# Stage 4, sound: log-mel frames of the containers' sound at the frames with a crop, in the form of the other features.


rule audio:
    """Cache the sound of the names of a batch for one stream."""
    input:
        batches=audited,
        corpus=rendered,
    output:
        # The caches are not: a job that is run again must not lose those of other names.
        job_record="results/audio/{stream}/batches/{batch}.json",
    log:
        "results/logs/audio/{stream}/{batch}.log",
    benchmark:
        "results/benchmarks/audio/{stream}/{batch}.tsv"
    conda:
        "../envs/cpu.yaml"
    threads: 1
    resources:
        mem_mb=scaled_by_attempt(4000),
        runtime=scaled_by_attempt(120),
    params:
        code=code("audio"),
        name_keys=lambda wildcards: batch_keys(f"audio/{wildcards.stream}")(wildcards),
        marker=lambda wildcards: marker(f"audio/{wildcards.stream}")(wildcards),
        audit=folder_of("audit"),
        records=lambda wildcards: str(RECORDS[f"audio/{wildcards.stream}"].folder),
        settings=lambda wildcards: sound_settings(AUDIO[wildcards.stream]),
        data=config["data"],
    script:
        "../workflow/audio.py"
