# What each part of the method is worth. Not part of a plain run: snakemake ablations trains every variant.


rule ablation_table:
    """Score every variant out of fold, against the whole method."""
    input:
        predictions=collect("results/{run}predictions/fold{fold}.csv", run=ABLATIONS.values(), fold=FOLDS),
        labels="results/labels",
        folds="results/folds.csv",
        code=code("ablation_table"),
    output:
        ablations=report(
            "results/ablations.csv",
            caption="../workflow/report/ablations.rst",
            category="Scores",
            labels={"table": "ablations"},
        ),
    log:
        "results/logs/ablation_table.log",
    benchmark:
        "results/benchmarks/ablation_table.tsv"
    conda:
        "../envs/cpu.yaml"
    threads: 1
    resources:
        mem_mb=growing(4000),
        runtime=growing(30),
    params:
        beginnings={name: f"results/{run}predictions/" for name, run in ABLATIONS.items()},
        demo=IS_DEMO,
        weights=config["spatial"]["weights"],
    script:
        "../workflow/ablation_table.py"
