# Stage 10, several submissions: each is made by the rules of the configured one, in a folder of its own.


def sources_of_submissions(kind: str):
    """Return the paths of a table of what every submission is made of, in the order of the submissions."""
    return [f"results/{source_of(f'submissions/{name}/')}{kind}" for name in SUBMISSIONS]


def records_behind(name: str) -> list[str]:
    """Return the records of the jobs that a run, an ensemble or another program's predictions come from."""
    if name in PROGRAMS:
        return [f"results/programs/{name}/predictions.json"]
    if name in ENSEMBLES:
        own = [
            f"results/ensembles/{name}/{record}.json"
            for record in ("weights", "test_predictions", "postprocessing")
        ]
        behind = [
            records_of_run(member) if member in RUN_FOLDERS else records_behind(member)
            for member in ENSEMBLES[name]["members"]
        ]
        return own + sum(behind, [])
    return records_of_run(name)


def records_of_run(name: str) -> list[str]:
    """Return the records of the jobs of a run, of all its seeds."""
    kinds = ("train/fold{fold}/model.json", "predictions/fold{fold}.json", "test_predictions/fold{fold}.json")
    paths = [f"results/{run}{kind}" for run in RUN_FOLDERS[name] for kind in kinds]
    return expand(paths, fold=FOLDS) + [f"results/{run}postprocessing.json" for run in RUN_FOLDERS[name]]


def submission_records() -> list[str]:
    """Return the records of the jobs behind all submissions beside the configured one."""
    own = expand(
        "results/submissions/{name}/{record}.json",
        name=SUBMISSIONS,
        record=("submission", "filled", "ensemble"),
    )
    behind = [records_behind(each["of"]) for each in SUBMISSIONS.values()]
    return sorted({*own, *sum(behind, [])})


rule submissions:
    """Put the submissions beside each other: validity, scores, differences; and a README beside each."""
    input:
        predictions=[
            expand(
                "results/{run}predictions/fold{fold}.csv", run=source_of(f"submissions/{name}/"), fold=FOLDS
            )
            for name in SUBMISSIONS
        ],
        weights=sources_of_submissions("ensemble_weights.csv"),
        choices=sources_of_submissions("postprocessing.csv"),
        labels="results/labels",
        folds="results/folds.csv",
        filled=collect("results/submissions/{name}/filled.csv", name=SUBMISSIONS),
        checks=collect("results/submissions/{name}/submission_check.csv", name=SUBMISSIONS),
        archives=collect("results/submissions/{name}/submission/submission.zip", name=SUBMISSIONS),
        configured_filled="results/filled.csv",
        configured_archive="results/submission/submission.zip",
        provenance="results/provenance.json",
    output:
        table=report(
            "results/submissions.csv",
            caption="../workflow/report/submissions.rst",
            category="6 Submission",
            labels={"table": "submissions"},
        ),
        pairs="results/submission_pairs.csv",
        readmes=collect("results/submissions/{name}/README.md", name=SUBMISSIONS),
    log:
        "results/logs/submissions.log",
    benchmark:
        "results/benchmarks/submissions.tsv"
    localrule: True
    conda:
        "../envs/cpu.yaml"
    threads: 1
    resources:
        mem_mb=scaled_by_attempt(8000),
        runtime=scaled_by_attempt(30),
    params:
        code=code("submissions"),
        submissions=SUBMISSIONS,
        demo=IS_DEMO,
        weights=WEIGHTS,
    script:
        "../workflow/submissions.py"
