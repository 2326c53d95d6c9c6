# Stage 10, submission: the files that the challenge wants, in both forms, and the proof that they are complete.


rule submission:
    """Write the submission files and validate them; an invalid submission fails."""
    input:
        filled="results/filled.csv",
        gaps="results/gaps.csv",
        code=code("submission"),
    output:
        per_video=directory("results/submission/per_video"),
        single=ensure("results/submission/predictions.txt", non_empty=True),
        archive=ensure("results/submission/submission.zip", non_empty=True),
        check=report(
            "results/submission/check.csv",
            caption="../workflow/report/check.rst",
            category="Submission",
            labels={"table": "validation"},
        ),
    log:
        "results/logs/submission.log",
    benchmark:
        "results/benchmarks/submission.tsv"
    localrule: True
    conda:
        "../envs/cpu.yaml"
    threads: 1
    resources:
        mem_mb=growing(4000),
        runtime=growing(20),
    script:
        "../workflow/submission.py"
