# Stage 1, frame alignment checks: what is on disk for every name, and whether it can be used.


rule audit:
    """Check the crops, annotations and containers of one batch of names."""
    input:
        corpus=rendered,
    output:
        names="results/audit/{batch}/names.csv",
        frames="results/audit/{batch}/frames.csv",
        symptoms="results/audit/{batch}/symptoms.csv",
        files="results/audit/{batch}/files.csv",
        job_record="results/audit/{batch}/audit.json",
    log:
        "results/logs/audit/{batch}.log",
    benchmark:
        "results/benchmarks/audit/{batch}.tsv"
    # The audit of all names may refuse the corpus, and does so before others begin.
    priority: 1
    conda:
        "../envs/cpu.yaml"
    threads: 1
    resources:
        mem_mb=scaled_by_attempt(2000),
        runtime=scaled_by_attempt(120),
    params:
        code=code("audit"),
        versions=versions_of_batch,
        naming=crop_layout,
        lists=list_digests,
        names=lambda wildcards: BATCHES[wildcards.batch],
        subsets=lambda wildcards: {name: SUBSETS[name] for name in BATCHES[wildcards.batch]},
        data=config["data"],
        decode_containers=config["audit"]["decode_containers"],
        known=corpus_faults,
        # Not an output: what is known of the data set's files must outlive a job that fails.
        inventory=INVENTORY_FOLDER,
    script:
        "../workflow/audit.py"


rule audit_table:
    """Join the audit of all batches, with a verdict for every name."""
    input:
        batches=checked(refuse_faults, expand("results/audit/{batch}/names.csv", batch=BATCHES)),
    output:
        table="results/audit.csv",
    log:
        "results/logs/audit_table.log",
    benchmark:
        "results/benchmarks/audit_table.tsv"
    priority: 1
    localrule: True
    conda:
        "../envs/cpu.yaml"
    threads: 1
    resources:
        mem_mb=scaled_by_attempt(2000),
        runtime=scaled_by_attempt(20),
    params:
        code=code("audit_table"),
        versions=survey_versions,
        data=config["data"],
        strict=config["strict"],
    script:
        "../workflow/audit_table.py"
