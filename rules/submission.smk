# Stage 10, submission: the files of the challenge, in both formats, with their validation and provenance.


rule submission:
    """Write the submission files and validate them; an invalid submission fails."""
    input:
        filled="results/{run}filled.csv",
        gaps="results/{run}gaps.csv",
    output:
        # Not their folder, into which Snakemake would put a file of its own.
        per_video=collect("results/{{run}}submission/per_video/{name}.txt", name=TEST_NAMES),
        whole=[
            ensure(f"results/{{run}}submission/{file}", non_empty=True)
            for file in ("predictions.txt", "submission.zip")
            if TEST_NAMES
        ],
        check=report(
            "results/{run}submission_check.csv",
            caption="../workflow/report/check.rst",
            category="6 Submission",
            labels={"table": "validation"},
        ),
        job_record="results/{run}submission.json",
    log:
        "results/logs/{run}submission.log",
    benchmark:
        "results/benchmarks/{run}submission.tsv"
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
        code=code("submission"),
        folder=lambda wildcards: f"results/{wildcards.run}submission",
    script:
        "../workflow/submission.py"


rule provenance:
    """Join the records of all jobs into the chain from the submission, or the predictions, back to weights, settings and code."""
    input:
        job_records=[
            ["results/submission.json", "results/filled.json", "results/ensemble.json"] if SUBMITS else [],
            ["results/postprocessing.json", "results/folds.json", "results/labels.json"] if TRAINS else [],
            collect("results/test_predictions/fold{fold}.json", fold=FOLDS) if SUBMITS else [],
            collect("results/predictions/fold{fold}.json", fold=FOLDS) if TRAINS else [],
            collect("results/train/fold{fold}/model.json", fold=FOLDS) if TRAINS else [],
            collect("results/caches/{part}.json", part=[part for part in PARTS if PARTS[part]]),
            submission_records(),
        ],
        audit="results/audit.csv",
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
        names=NAMES,
        records=[(str(records.folder), records.suffix) for records in RECORDS.values()],
        features=FEATURES_FOLDERS,
        config=PORTABLE_CONFIG,
        demo=IS_DEMO,
        weights=WEIGHTS,
    script:
        "../workflow/provenance.py"
