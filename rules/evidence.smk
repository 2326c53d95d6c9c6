# Stage 12, evidence: what ensembling, smoothing and gap filling contribute, and the scores beside published ones.


rule variants:
    """Score every ensemble, smoothing and gap policy on names that none of them was fitted on."""
    input:
        predictions=fold_files("results/{run}predictions/fold{fold}.csv"),
        labels="results/labels",
        folds=folds_of,
        weights="results/{run}ensemble_weights.csv",
        choices="results/{run}postprocessing.csv",
        audit="results/audit.csv",
        corpus=rendered,
    output:
        variants=report(
            "results/{run}variants.csv",
            caption="../workflow/report/variants.rst",
            category="5 Evidence",
            labels={"table": "ensembles, smoothing, gaps"},
        ),
    log:
        "results/logs/{run}variants.log",
    benchmark:
        "results/benchmarks/{run}variants.tsv"
    conda:
        "../envs/cpu.yaml"
    threads: 1
    resources:
        mem_mb=scaled_by_attempt(8000),
        runtime=scaled_by_attempt(60),
    params:
        code=code("variants"),
        versions=version("annotation"),
        configured=lambda wildcards: settings_of(wildcards.run),
        data=ANNOTATION_LAYOUT,
        demo=IS_DEMO,
        weights=WEIGHTS,
    script:
        "../workflow/variants.py"


rule gap_prices:
    """Mask the gaps of the test names into names with truth and score every policy."""
    input:
        predictions=collect(f"results/{HELD_OUT_RUN}predictions/fold{{fold}}.csv", fold=FOLDS),
        labels="results/labels",
        folds=f"results/{HELD_OUT_RUN}folds.csv",
        weights=f"results/{HELD_OUT_RUN}ensemble_weights.csv",
        choices=f"results/{HELD_OUT_RUN}postprocessing.csv",
        audit="results/audit.csv",
        frames="results/frames.csv",
    output:
        prices=report(
            "results/gap_prices.csv",
            caption="../workflow/report/gap_prices.rst",
            category="5 Evidence",
            labels={"table": "prices of gap policies"},
        ),
    log:
        "results/logs/gap_prices.log",
    benchmark:
        "results/benchmarks/gap_prices.tsv"
    conda:
        "../envs/cpu.yaml"
    threads: 1
    resources:
        mem_mb=scaled_by_attempt(8000),
        runtime=scaled_by_attempt(30),
    params:
        code=code("gap_prices"),
        # Which of them its inputs are of.
        run=HELD_OUT_RUN,
        ensemble=config["postprocessing"]["ensemble"],
        policy=config["gaps"]["policy"],
        demo=IS_DEMO,
        weights=WEIGHTS,
    script:
        "../workflow/gap_prices.py"


rule comparison:
    """Put the scores of the run beside each other, and on Aff-Wild2 beside published numbers."""
    input:
        scores=collect("results/{run}scores.csv", run=PROTOCOLS),
        variants=collect("results/{run}variants.csv", run=PROTOCOLS),
    output:
        comparison=report(
            "results/comparison.csv",
            caption="../workflow/report/comparison.rst",
            category="5 Evidence",
            labels={"table": "protocols, published numbers"},
        ),
    log:
        "results/logs/comparison.log",
    benchmark:
        "results/benchmarks/comparison.tsv"
    localrule: True
    conda:
        "../envs/cpu.yaml"
    threads: 1
    resources:
        mem_mb=scaled_by_attempt(1000),
        runtime=scaled_by_attempt(10),
    params:
        code=code("comparison"),
        protocols=list(PROTOCOLS.values()),
        published=not IS_DEMO and bool(LAYOUT.edition),
        demo=IS_DEMO,
        weights=WEIGHTS,
    script:
        "../workflow/comparison.py"
