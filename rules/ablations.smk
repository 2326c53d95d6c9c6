# Ablations: what each part of the method contributes. Not part of a plain run; snakemake ablations trains them all.


rule ablation_table:
    """Score every variant out of fold, against the whole method."""
    input:
        predictions=collect(
            "results/{run}predictions/fold{fold}.csv",
            run=[run.folder for run in ABLATIONS.values()],
            fold=FOLDS,
        ),
        labels="results/labels",
        folds="results/folds.csv",
    output:
        ablations=report(
            "results/ablations.csv",
            caption="../workflow/report/ablations.rst",
            category="5 Evidence",
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
        mem_mb=scaled_by_attempt(4000),
        runtime=scaled_by_attempt(30),
    params:
        code=code("ablation_table"),
        prefixes={name: f"results/{run.folder}predictions/" for name, run in ABLATIONS.items()},
        demo=IS_DEMO,
        weights=WEIGHTS,
    script:
        "../workflow/ablation_table.py"


rule phase_comparison:
    """Move crops by a known motion and measure how well each kind of phase differences recovers it."""
    input:
        frames="results/frames.csv",
        filters="results/phase/filters.npz",
        corpus=rendered,
    output:
        comparison=report(
            "results/phase_comparison.csv",
            caption="../workflow/report/phase_comparison.rst",
            category="4 What the temporal stream sees",
            labels={"table": "phase differences, ours and published"},
        ),
    log:
        "results/logs/phase_comparison.log",
    benchmark:
        "results/benchmarks/phase_comparison.tsv"
    conda:
        "../envs/gpu.yaml"
    threads: 1
    resources:
        mem_mb=scaled_by_attempt(2000),
        runtime=scaled_by_attempt(30),
    params:
        code=code("phase_comparison"),
        versions=version("crops"),
        data=crop_layout,
        demo=IS_DEMO,
    script:
        "../workflow/phase_comparison.py"
