# Stage 13, the page: settings and results of the run in one HTML file. Included last, as it uses all other stages.

# Tables and pages beyond the named inputs, made in the same run.
RUN_TABLES = {
    "comparison": "results/comparison.csv",
    "variants": f"results/{HELD_OUT_RUN}variants.csv",
    "gap_prices": "results/gap_prices.csv",
    "provenance": "results/provenance.json",
    **({"demo_scores": "results/demo/scores.csv"} if HAS_TRUTH else {}),
    "doctor": "results/doctor.html",
}
# Made by other commands. No inputs: a plain run must not begin an hour's work for a table of its page.
OPTIONAL_TABLES = {"ablations": "results/ablations.csv", "phase_comparison": "results/phase_comparison.csv"}


rule page:
    """Write the HTML report of the run, which a reader opens first."""
    input:
        histories=collect("results/train/fold{fold}/history.csv", fold=FOLDS),
        predictions=collect("results/predictions/fold{fold}.csv", fold=FOLDS),
        scores="results/scores.csv",
        baseline="results/baseline.csv",
        labels="results/labels",
        summary="results/labels_summary.csv",
        folds="results/folds.csv",
        audit="results/audit.csv",
        gaps="results/gaps.csv",
        check="results/submission_check.csv",
        phase=collect("results/phase/{batch}", batch=BATCHES),
        features=collect("results/features/{batch}", batch=BATCHES),
        corpus=corpus_inputs,
        tables=list(RUN_TABLES.values()),
        template=template("page"),
        code=code("page"),
    output:
        page="results/report.html",
    log:
        "results/logs/page.log",
    benchmark:
        "results/benchmarks/page.tsv"
    conda:
        "../envs/cpu.yaml"
    threads: 1
    resources:
        mem_mb=scaled_by_attempt(4000),
        runtime=scaled_by_attempt(30),
    params:
        config=config,
        root=ROOT,
        demo=IS_DEMO,
        faces=SHOW_FACES,
        tables=RUN_TABLES,
        optional_tables=OPTIONAL_TABLES,
        # Not an input: durations are known when a job has ended, and are no reason to rerun the page.
        benchmarks="results/benchmarks",
        digests=[file_digest(path) for path in OPTIONAL_TABLES.values()],
    script:
        "../workflow/page.py"
