# Stage 2, annotation filtering: the frames that have both a crop and a real annotation.


rule labels:
    """Filter the annotations of all usable names of train and validation."""
    input:
        audit=needed("labels", "results/audit.csv", refuse_training),
        frames=needed("labels", "results/frames.csv"),
    output:
        labels=directory("results/labels"),
        summary="results/labels_summary.csv",
        job_record="results/labels.json",
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
        code=code("labels"),
        key=KEYS["labels"],
        data=ANNOTATION_LAYOUT,
    script:
        "../workflow/labels.py"
