# Stage 8, ensembles over runs: members are runs and other programs' predictions, weighted as one training is.


rule programs:
    """Check the predictions of another program, and put them into the form of a run's."""
    input:
        # Their digests decide and not their dates.
        files=lambda wildcards: [ancient(path) for path in PROGRAMS[wildcards.program].values()],
        audit="results/audit.csv",
        frames="results/frames.csv",
        labels="results/labels",
        folds="results/folds.csv",
    output:
        predictions=collect("results/programs/{{program}}/predictions/fold{fold}.csv", fold=FOLDS),
        test_predictions="results/programs/{program}/test_predictions/fold_all.csv" if SUBMITS else [],
        job_record="results/programs/{program}/predictions.json",
    log:
        "results/logs/programs/{program}/programs.log",
    benchmark:
        "results/benchmarks/programs/{program}/programs.tsv"
    conda:
        "../envs/cpu.yaml"
    threads: 1
    resources:
        mem_mb=scaled_by_attempt(8000),
        runtime=scaled_by_attempt(60),
    params:
        code=code("programs"),
        digests=lambda wildcards: {
            kind: file_digest(path) for kind, path in PROGRAMS[wildcards.program].items()
        },
        kinds=lambda wildcards: list(PROGRAMS[wildcards.program]),
        subsets=SUBSETS,
    script:
        "../workflow/programs.py"


rule ensemble_weights:
    """Fit the weights of an ensemble's members, nested, and combine their out-of-fold predictions."""
    input:
        members=all_member_files("predictions"),
        labels="results/labels",
        folds="results/folds.csv",
    output:
        predictions=collect("results/ensembles/{{ensemble}}/predictions/fold{fold}.csv", fold=FOLDS),
        weights="results/ensembles/{ensemble}/weights.csv",
        steps="results/ensembles/{ensemble}/steps.csv",
        members="results/ensembles/{ensemble}/members.csv",
        job_record="results/ensembles/{ensemble}/weights.json",
    log:
        "results/logs/ensembles/{ensemble}/ensemble_weights.log",
    benchmark:
        "results/benchmarks/ensembles/{ensemble}/ensemble_weights.tsv"
    conda:
        "../envs/cpu.yaml"
    threads: 1
    resources:
        mem_mb=scaled_by_attempt(8000),
        runtime=scaled_by_attempt(60),
    params:
        code=code("ensemble_weights"),
        members=member_files("predictions"),
        method=lambda wildcards: ENSEMBLES[wildcards.ensemble]["weights"],
    script:
        "../workflow/ensemble_weights.py"


rule ensemble_members:
    """Combine the members' predictions of the test names, fold by fold."""
    input:
        members=all_member_files("test_predictions"),
        weights="results/ensembles/{ensemble}/weights.csv",
    output:
        predictions=collect("results/ensembles/{{ensemble}}/test_predictions/fold{fold}.csv", fold=FOLDS),
        job_record="results/ensembles/{ensemble}/test_predictions.json",
    log:
        "results/logs/ensembles/{ensemble}/ensemble_members.log",
    benchmark:
        "results/benchmarks/ensembles/{ensemble}/ensemble_members.tsv"
    conda:
        "../envs/cpu.yaml"
    threads: 1
    resources:
        mem_mb=scaled_by_attempt(8000),
        runtime=scaled_by_attempt(60),
    params:
        code=code("ensemble_members"),
        members=member_files("test_predictions"),
    script:
        "../workflow/ensemble_members.py"


rule ensemble_scores:
    """Score every ensemble, on names that its weights were not fitted on, beside the configured run."""
    input:
        predictions=collect(
            "results/{run}predictions/fold{fold}.csv", run=SCORED_FOLDERS.values(), fold=FOLDS
        ),
        weights=collect("results/{run}ensemble_weights.csv", run=SCORED_FOLDERS.values()),
        choices=collect("results/{run}postprocessing.csv", run=SCORED_FOLDERS.values()),
        labels="results/labels",
        folds="results/folds.csv",
    output:
        ensembles=report(
            "results/ensembles.csv",
            caption="../workflow/report/ensembles.rst",
            category="5 Evidence",
            labels={"table": "ensembles over runs"},
        ),
    log:
        "results/logs/ensemble_scores.log",
    benchmark:
        "results/benchmarks/ensemble_scores.tsv"
    conda:
        "../envs/cpu.yaml"
    threads: 1
    resources:
        mem_mb=scaled_by_attempt(8000),
        runtime=scaled_by_attempt(30),
    params:
        code=code("ensemble_scores"),
        ensembles={name: ENSEMBLES.get(name, {"members": [], "weights": ""}) for name in SCORED_FOLDERS},
        combination=config["postprocessing"]["ensemble"],
        demo=IS_DEMO,
        weights=WEIGHTS,
    script:
        "../workflow/ensemble_scores.py"
