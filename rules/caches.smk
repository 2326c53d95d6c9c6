# Stages 3 and 4, joined: the streams of all names.


rule caches:
    """Check that every fitted name, or every test name, has all its streams, and list them."""
    input:
        batches=lambda wildcards: [
            path for stage in run_stages(wildcards) for path in batches_of(stage, PARTS[wildcards.part])
        ],
    output:
        table="results/{run}caches/{part}.csv",
        job_record="results/{run}caches/{part}.json",
    log:
        "results/logs/{run}caches/{part}.log",
    benchmark:
        "results/benchmarks/{run}caches/{part}.tsv"
    localrule: True
    conda:
        "../envs/gpu.yaml"
    threads: 1
    resources:
        mem_mb=scaled_by_attempt(1000),
        runtime=scaled_by_attempt(20),
    params:
        code=code("caches"),
        key=lambda wildcards: caches_key(wildcards.run, wildcards.part),
        names=lambda wildcards: PARTS[wildcards.part],
        folders=lambda wildcards: {stage: str(RECORDS[stage].folder) for stage in run_stages(wildcards)},
        features=lambda wildcards: [
            f"results/{stage}" for stage in run_stages(wildcards) if stage in BACKBONES
        ],
        name_keys=lambda wildcards: {
            stage: {name: NAME_KEYS[stage](name) for name in PARTS[wildcards.part]}
            for stage in run_stages(wildcards)
        },
    script:
        "../workflow/caches.py"
