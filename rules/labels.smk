# Stage 2, annotation filtering: the frames that have both a crop and a real annotation.


rule labels:
    """Filter the annotations of all usable names of train and validation."""
    input:
        audit=if_annotated("results/audit.csv"),
        frames=expand("results/audit/{batch}/frames.csv", batch=BATCHES),
        code=code("labels"),
    output:
        labels=directory("results/labels"),
        summary="results/labels_summary.csv",
    log:
        "results/logs/labels.log",
    benchmark:
        "results/benchmarks/labels.tsv"
    conda:
        "../envs/cpu.yaml"
    threads: 1
    resources:
        mem_mb=scaled_by_attempt(4000),
        runtime=scaled_by_attempt(30),
    params:
        data=config["data"],
        root=ROOT,
    script:
        "../workflow/labels.py"
