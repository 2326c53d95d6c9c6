# Stage 9, gap filling: a value for every frame of every test name.


rule gaps:
    """Fill the frames without a crop by the configured policy."""
    input:
        ensemble="results/{run}ensemble.csv",
        audit=checked(refuse_submission, "results/audit.csv"),
        labels="results/labels" if TRAINS else [],
        folds="results/folds.csv" if TRAINS else [],
    output:
        filled="results/{run}filled.csv",
        gaps=report(
            "results/{run}gaps.csv",
            caption="../workflow/report/gaps.rst",
            category="6 Submission",
            labels={"table": "gaps"},
        ),
        job_record="results/{run}filled.json",
    log:
        "results/logs/{run}gaps.log",
    benchmark:
        "results/benchmarks/{run}gaps.tsv"
    wildcard_constraints:
        run=SUBMITTED,
    localrule: True
    conda:
        "../envs/cpu.yaml"
    threads: 1
    resources:
        mem_mb=scaled_by_attempt(4000),
        runtime=scaled_by_attempt(20),
    params:
        code=code("gaps"),
        policy=lambda wildcards: settings_of(wildcards.run)["gaps"],
    script:
        "../workflow/gaps.py"
