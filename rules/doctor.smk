# The data doctor: the findings of the audit on an HTML page. Not part of a plain run: snakemake doctor


rule doctor_page:
    """Write the faults of the corpus and of every name, the worst first."""
    input:
        batches=lambda wildcards: batches_of("audit", NAMES),
    output:
        table="results/doctor.csv",
        page=report(
            "results/doctor.html",
            caption="../workflow/report/doctor.rst",
            category="7 Data",
            labels={"page": "data doctor"},
        ),
    log:
        "results/logs/doctor_page.log",
    benchmark:
        "results/benchmarks/doctor_page.tsv"
    localrule: True
    conda:
        "../envs/cpu.yaml"
    threads: 1
    resources:
        mem_mb=scaled_by_attempt(2000),
        runtime=scaled_by_attempt(20),
    params:
        code=code("doctor_page", *template_files(BASE / "workflow/mimamo/audit/template")),
        key=audit_keys,
        names=NAMES,
        records=str(RECORDS["audit"].folder),
        versions=survey_versions,
        data=config["data"],
        streams={**BROUGHT, **AUDIO},
        layout=LAYOUT.sentence(PORTABLE_CONFIG["root"]),
        demo=IS_DEMO,
        known=corpus_faults,
    script:
        "../workflow/doctor_page.py"


# Without an output, so that it logs the diagnosis at every call, and may fail without removing the page.
rule doctor:
    """Log the diagnosis, and fail where a run would be refused."""
    input:
        table="results/doctor.csv",
        page="results/doctor.html",
    log:
        "results/logs/doctor.log",
    benchmark:
        "results/benchmarks/doctor.tsv"
    localrule: True
    conda:
        "../envs/cpu.yaml"
    threads: 1
    resources:
        mem_mb=scaled_by_attempt(1000),
        runtime=scaled_by_attempt(5),
    params:
        code=code("doctor"),
        strict=config["strict"],
    script:
        "../workflow/doctor.py"
