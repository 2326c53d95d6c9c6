# The data doctor: what the audit found, on a page that a person can read. It stands alone: snakemake doctor


rule doctor_page:
    """Write what is wrong with the corpus and with every name, the worst first."""
    input:
        names=expand("results/audit/{batch}/names.csv", batch=BATCHES),
        symptoms=expand("results/audit/{batch}/symptoms.csv", batch=BATCHES),
        template=as_input(BASE / "workflow/report/doctor.html"),
        code=code("doctor_page"),
    output:
        table="results/doctor.csv",
        page=report(
            "results/doctor.html",
            caption="../workflow/report/doctor.rst",
            category="Inputs",
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
        mem_mb=growing(2000),
        runtime=growing(20),
    params:
        data=config["data"],
        root=ROOT,
        demo=IS_DEMO,
        known=corpus_faults,
    script:
        "../workflow/doctor_page.py"


# Without an output, so that it tells the diagnosis whenever somebody asks, and may fail and leave the page.
rule doctor:
    """Tell the diagnosis, and fail where a run would be refused."""
    input:
        table="results/doctor.csv",
        page="results/doctor.html",
        code=code("doctor"),
    log:
        "results/logs/doctor.log",
    benchmark:
        "results/benchmarks/doctor.tsv"
    localrule: True
    conda:
        "../envs/cpu.yaml"
    threads: 1
    resources:
        mem_mb=growing(1000),
        runtime=growing(5),
    params:
        strict=config["strict"],
    script:
        "../workflow/doctor.py"
