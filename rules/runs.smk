# Runs: variants of the configuration, each with several seeds. Not part of a plain run; snakemake runs trains them all.

from mimamo.runs import describe_changes


rule run_comparison:
    """Score every variant out of fold beside the configured run, and say what choosing the best is worth."""
    input:
        predictions=files_of_runs("results/{run}predictions/fold{fold}.csv"),
        trainings=files_of_runs("results/{run}train/fold{fold}/model.json"),
        labels="results/labels",
        folds=sorted(set(map(folds_of_run, VARIANT_RUNS))),
        # Where the official validation set is held out from all of them, it is what nothing was chosen on.
        held_out=first_seeds("variants.csv") if PROTOCOLS[""] == "official" else [],
    output:
        comparison=report(
            "results/runs.csv",
            caption="../workflow/report/runs.rst",
            category="5 Evidence",
            labels={"table": "runs"},
        ),
        choice="results/runs_choice.csv",
    log:
        "results/logs/run_comparison.log",
    benchmark:
        "results/benchmarks/run_comparison.tsv"
    conda:
        "../envs/cpu.yaml"
    threads: 1
    resources:
        mem_mb=scaled_by_attempt(8000),
        runtime=scaled_by_attempt(60),
    params:
        code=code("run_comparison"),
        variants={
            name: [
                {
                    "folder": run.folder,
                    "folds": folds_of_run(run.folder),
                    "count": fold_count(run.folder),
                }
                for run in runs
            ]
            for name, runs in VARIANTS.items()
        },
        changes={name: describe_changes(config, name) for name in VARIANTS},
        demo=IS_DEMO,
        weights=WEIGHTS,
    script:
        "../workflow/run_comparison.py"
