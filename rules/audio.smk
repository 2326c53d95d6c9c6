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
        name_keys=batch_keys("audio/{stream}"),
        marker=marker("audio/{stream}"),
        audit=folder_of("audit"),
        records=folder_of("audio/{stream}"),
        settings=lambda wildcards: sound_settings(AUDIO[wildcards.stream]),
        data=config["data"],
    script:
        "../workflow/audio.py"
