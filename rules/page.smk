# Stage 13, the page: settings and results of the run in one HTML file. Included last, as it uses all other stages.

# Tables and pages beyond the named inputs, made in the same run.
SCORE_TABLES = {
    **(
        {"comparison": "results/comparison.csv", "variants": f"results/{HELD_OUT_RUN}variants.csv"}
        if TRAINS
        else {}
    ),
    **({"ensembles": "results/ensembles.csv"} if TRAINS and ENSEMBLES else {}),
    # What gaps cost is of use where gaps are filled.
    **({"gap_prices": "results/gap_prices.csv"} if TRAINS and SUBMITS else {}),
}
RUN_TABLES = {
    **SCORE_TABLES,
    "provenance": "results/provenance.json",
    **({"demo_scores": "results/demo/scores.csv"} if HAS_TRUTH else {}),
    "doctor": "results/doctor.html",
    "symptoms": "results/doctor.csv",
    **(
        {"submissions": "results/submissions.csv", "submission_pairs": "results/submission_pairs.csv"}
        if SUBMISSIONS
        else {}
    ),
}
# Made by other commands. No inputs: a plain run must not begin an hour's work for a table of its page.
OPTIONAL_TABLES = {
    "ablations": "results/ablations.csv",
    "phase_comparison": "results/phase_comparison.csv",
    **(
        {"runs": "results/runs.csv", "runs_choice": "results/runs_choice.csv"}
        if len(VARIANT_RUNS) > 1
        else {}
    ),
    "search": "results/search/trials.csv",
}


rule page:
    """Write the HTML report of the run, which a reader opens first."""
    input:
        histories=collect("results/train/fold{fold}/history.csv", fold=FOLDS) if TRAINS else [],
        predictions=(
            collect("results/predictions/fold{fold}.csv", fold=FOLDS)
            if TRAINS
            else checked(
                check_given_models,
                lambda wildcards: expand("results/test_predictions/fold{fold}.csv", fold=FOLDS),
            )
        ),
        scores="results/scores.csv" if TRAINS else [],
        baseline="results/baseline.csv" if TRAINS and BASELINE_FOLDER else [],
        labels="results/labels" if TRAINS else [],
        summary="results/labels_summary.csv" if TRAINS else [],
        folds="results/folds.csv" if TRAINS else [],
        audit="results/audit.csv",
        gaps="results/gaps.csv" if SUBMITS else [],
        check="results/submission_check.csv" if SUBMITS else [],
        filled="results/filled.csv" if SUBMITS else [],
        truth="results/demo/truth" if HAS_TRUTH else [],
        caches=collect("results/caches/{part}.csv", part=[part for part in PARTS if PARTS[part]]),
        corpus=rendered,
        tables=list(RUN_TABLES.values()),
    output:
        page="results/report.html",
        # Of the videos that are too many for the page.
        traces=directory("results/traces"),
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
        code=code("page", *template_files(BASE / "workflow/mimamo/page/template")),
        versions=version("crops"),
        config=PORTABLE_CONFIG,
        phase=PHASE_FOLDERS,
        features=FEATURES_FOLDERS,
        # No inputs, as they are made with the predictions.
        stream_weights=stream_weights("results/stream_weights/fold{fold}.csv"),
        test_stream_weights=stream_weights("results/test_stream_weights/fold{fold}.csv"),
        demo=IS_DEMO,
        edition=LAYOUT.edition,
        models=[str(path) for path in MODELS],
        faces=SHOW_FACES,
        tables=RUN_TABLES,
        optional_tables=OPTIONAL_TABLES,
        # Not an input: durations are known when a job has ended, and are no reason to rerun the page.
        benchmarks="results/benchmarks",
        digests=[file_digest(path) for path in OPTIONAL_TABLES.values()],
    script:
        "../workflow/page.py"


# What is made of the configured run.
CONFIGURED_RESULTS = [
    "results/report.html",
    "results/provenance.json",
    *(["results/submission_check.csv"] if SUBMITS else []),
    *(["results/scores.csv", *figure_files(*FIGURES)] if TRAINS else []),
    *(["results/baseline.csv"] if TRAINS and BASELINE_FOLDER else []),
    *SCORE_TABLES.values(),
    *(["results/demo/scores.csv", *figure_files("test_traces")] if HAS_TRUTH else []),
    # Of given models there is nothing to log: they were trained elsewhere.
    *(["results/mlflow.json"] if config["tracking"] and TRAINS else []),
]
