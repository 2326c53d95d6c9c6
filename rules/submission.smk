# Stage 10, submission: the files of the challenge, in both formats, with their validation and provenance.


rule submission:
    """Write the submission files and validate them; an invalid submission fails."""
    input:
        filled="results/filled.csv",
        gaps="results/gaps.csv",
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
        job_record="results/submission.json",
    log:
        "results/logs/submission.log",
    benchmark:
        "results/benchmarks/submission.tsv"
    localrule: True
    conda:
        "../envs/cpu.yaml"
    threads: 1
    resources:
        mem_mb=scaled_by_attempt(4000),
        runtime=scaled_by_attempt(20),
    params:
        code=code("submission"),
    script:
        "../workflow/submission.py"


rule provenance:
    """Join the records of all jobs into the chain from the submission, or the predictions, back to weights, settings and code."""
    input:
        job_records=[
            ["results/submission.json", "results/filled.json", "results/ensemble.json"] if SUBMITS else [],
            ["results/postprocessing.json", "results/folds.json", "results/labels.json"] if TRAINS else [],
            collect("results/audit/{batch}/audit.json", batch=BATCHES),
            collect("results/predictions/fold{fold}.json", fold=FOLDS),
            collect("results/train/fold{fold}/model.json", fold=FOLDS) if TRAINS else [],
            collect("results/features/{batch}.json", batch=BATCHES),
            collect("results/phase/{batch}.json", batch=BATCHES),
        ],
        features=collect("results/features/{batch}", batch=BATCHES),
    output:
        chain="results/provenance.json",
    log:
        "results/logs/provenance.log",
    benchmark:
        "results/benchmarks/provenance.tsv"
    localrule: True
    conda:
        "../envs/cpu.yaml"
    threads: 1
    resources:
        mem_mb=scaled_by_attempt(1000),
        runtime=scaled_by_attempt(10),
    params:
        code=code("provenance"),
        config=config,
    script:
        "../workflow/provenance.py"
