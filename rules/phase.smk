# Stage 3, phase differences: how every place of a face moved since the frame before.


rule filters:
    """Take the steerable pyramid's filters from pyrtools, once for all phase jobs."""
    input:
        code=code("filters"),
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
        mem_mb=growing(1000),
        runtime=growing(10),
    script:
        "../workflow/filters.py"


rule phase:
    """Compute the phase differences of one batch of names."""
    input:
        frames=sound("results/audit/{batch}/frames.csv"),
        filters="results/phase/filters.npz",
        corpus=corpus_inputs,
        code=code("phase"),
    output:
        phase=directory("results/phase/{batch}"),
        made="results/phase/{batch}.json",
    log:
        "results/logs/phase/{batch}.log",
    benchmark:
        "results/benchmarks/phase/{batch}.tsv"
    conda:
        "../envs/gpu.yaml"
    threads: 1
    resources:
        mem_mb=growing(2000),
        runtime=growing(240),
    params:
        names=lambda wildcards: BATCHES[wildcards.batch],
        data=config["data"],
        root=ROOT,
    script:
        "../workflow/phase.py"
