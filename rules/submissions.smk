# Stage 10, several submissions: each is made by the rules of the configured one, in a folder of its own.


rule submissions:
    """Put the submissions beside each other: validity, scores, differences; and a README beside each."""
    input:
        predictions=[
            expand(
                "results/{run}predictions/fold{fold}.csv", run=source_of(f"submissions/{name}/"), fold=FOLDS
            )
            for name in SUBMISSIONS
        ],
        weights=sources_of_submissions("ensemble_weights.csv"),
        choices=sources_of_submissions("postprocessing.csv"),
        labels="results/labels",
        folds="results/folds.csv",
        filled=collect("results/submissions/{name}/filled.csv", name=SUBMISSIONS),
        checks=collect("results/submissions/{name}/submission_check.csv", name=SUBMISSIONS),
        archives=collect("results/submissions/{name}/submission/submission.zip", name=SUBMISSIONS),
        configured_filled="results/filled.csv",
        configured_archive="results/submission/submission.zip",
        provenance="results/provenance.json",
    output:
        table=report(
            "results/submissions.csv",
            caption="../workflow/report/submissions.rst",
            category="6 Submission",
            labels={"table": "submissions"},
        ),
        pairs="results/submission_pairs.csv",
        readmes=collect("results/submissions/{name}/README.md", name=SUBMISSIONS),
    log:
        "results/logs/submissions.log",
    benchmark:
        "results/benchmarks/submissions.tsv"
    localrule: True
    conda:
        "../envs/cpu.yaml"
    threads: 1
    resources:
        mem_mb=scaled_by_attempt(8000),
        runtime=scaled_by_attempt(30),
    params:
        code=code("submissions"),
        submissions=SUBMISSIONS,
        demo=IS_DEMO,
        weights=WEIGHTS,
    script:
        "../workflow/submissions.py"
