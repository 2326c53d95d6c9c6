# Stage 1, frame alignment checks: what is on disk for every name, and whether it can be used.


rule audit:
    """Check the crops, annotations and containers of the names of a batch."""
    input:
        corpus=rendered,
    output:
        # What it finds is in the records of the names, which outlive it.
        job_record="results/audit/batches/{batch}.json",
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
        name_keys=batch_keys("audit"),
        marker=marker("audit"),
        versions=lambda wildcards: {name: INVENTORY.versions(name) for name in BATCHES[wildcards.batch]},
        subsets=lambda wildcards: {name: SUBSETS[name] for name in BATCHES[wildcards.batch]},
        data=config["data"],
        streams={**BROUGHT, **AUDIO},
        decode_containers=config["audit"]["decode_containers"],
        known=corpus_faults,
        records=folder_of("audit"),
        # Not an output: what is known of the data set's files must outlive a job that fails.
        inventory=INVENTORY_FOLDER,
    script:
        "../workflow/audit.py"


rule audit_table:
    """Join the audit of all names into one table, with a verdict for each."""
    input:
        batches=checked(refuse_faults, lambda wildcards: batches_of("audit", NAMES)),
    output:
        table="results/audit.csv",
        frames="results/frames.csv",
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
        key=audit_keys,
        names=NAMES,
        records=str(RECORDS["audit"].folder),
        data=config["data"],
    script:
        "../workflow/audit_table.py"
