# Stage 12, the page: what was run and what came out, in one file. Included last, because it looks at all other rules.

# What the page shows beyond what every run has.
MADE_HERE = {
    "comparison": "results/comparison.csv",
    "variants": f"results/{HELD_OUT_RUN}variants.csv",
    "gap_prices": "results/gap_prices.csv",
    "provenance": "results/provenance.json",
    **({"demo_scores": "results/demo/scores.csv"} if HAS_TRUTH else {}),
    "doctor": "results/doctor.html",
}
# What other commands make. No input: the main job must not begin an hour's work for a table of its page.
MADE_APART = {"ablations": "results/ablations.csv", "phase_comparison": "results/phase_comparison.csv"}


rule page:
    """Make the page that a person opens first."""
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
        check="results/submission/check.csv",
        phase=collect("results/phase/{batch}", batch=BATCHES),
        features=collect("results/features/{batch}", batch=BATCHES),
        corpus=corpus_inputs,
        made_here=list(MADE_HERE.values()),
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
        mem_mb=growing(4000),
        runtime=growing(30),
    params:
        config=config,
        root=ROOT,
        demo=IS_DEMO,
        faces=SHOW_FACES,
        made_here=MADE_HERE,
        made_apart=MADE_APART,
        # Not inputs: durations are known when a job has ended, and are no reason to make the page anew.
        benchmarks="results/benchmarks",
        changes=[digest(path) for path in MADE_APART.values()],
    script:
        "../workflow/page.py"
