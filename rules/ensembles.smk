# Stage 8, ensembles over runs: members are runs and other programs' predictions, weighted as one training is.

import json

# Runs by name, with the folder of the training of every seed.
RUN_FOLDERS = {CONFIGURED: [""]}
SUBMISSIONS = complete_submissions(config)
# A run of several seeds is submitted as their mean, which is an ensemble of it alone.
SEED_MEANS = {each["of"] for each in SUBMISSIONS.values() if len(RUN_FOLDERS.get(each["of"], [])) > 1}
ENSEMBLES = {
    name: {"weights": "mean", **settings}
    for name, settings in ({of: {"members": [of]} for of in sorted(SEED_MEANS)} | config["ensembles"]).items()
}
# Other programs' predictions, each with the paths of its files.
PROGRAMS = {
    name: {kind: str(Path(path).expanduser()) for kind, path in files.items() if path is not None}
    for name, files in config["predictions"].items()
}
# What the rules that follow predictions are applied to, beside runs: folders as those of runs.
COMBINED = [*(f"ensembles/{name}/" for name in ENSEMBLES), *(f"submissions/{name}/" for name in SUBMISSIONS)]
ANY_RUN = f"(?:{'|'.join(re.escape(run) for run in [*TRAINED_RUNS, *COMBINED])})"
# What becomes a submission: the configured run and those that are named.
SUBMITTED = (
    f"(?:{'|'.join(re.escape(run) for run in ['', *(f'submissions/{name}/' for name in SUBMISSIONS)])})"
)
call_or_exit(check_ensembles, config, list(RUN_FOLDERS), SUBMITS, most_submissions(LAYOUT.edition))


def source_of(run: str) -> str:
    """Return the folder of the predictions that a submission is made of; for anything else, its own."""
    name = run.removeprefix("submissions/").removesuffix("/")
    return folder_of_source(SUBMISSIONS[name]["of"]) if run.startswith("submissions/") else run


def folder_of_source(name: str) -> str:
    """Return the folder of an ensemble, or of a run of one seed."""
    return f"ensembles/{name}/" if name in ENSEMBLES else RUN_FOLDERS[name][0]


def fitted_file(name: str):
    """Return an input function: a table of what is fitted on the predictions of a run; none of given models."""
    # These have no out-of-fold predictions that anything could be fitted on.
    return lambda wildcards: f"results/{source_of(wildcards.run)}{name}" if TRAINS else []


def settings_of(run: str) -> dict:
    """Return post-processing and gap policy: those of a submission, see mimamo.ensembles.settings, or the configured."""
    if run.startswith("submissions/"):
        return SUBMISSIONS[run.removeprefix("submissions/").removesuffix("/")]
    return {**config["postprocessing"], "gaps": config["gaps"]["policy"]}


def member_files(kind: str):
    """Return a function that gives, of every member of an ensemble, the files of all folds of each training."""

    def files(wildcards) -> dict[str, list[list[str]]]:
        """Return the files by member."""
        return {
            member: (
                [program_files(member, kind)]
                if member in PROGRAMS
                else [
                    expand(f"results/{run}{kind}/fold{{fold}}.csv", fold=FOLDS) for run in RUN_FOLDERS[member]
                ]
            )
            for member in ENSEMBLES[wildcards.ensemble]["members"]
        }

    return files


def program_files(program: str, kind: str) -> list[str]:
    """Return the files of a program's predictions of every fold; those of the test names are the same for all."""
    folds = FOLDS if kind == "predictions" else ["_all" for _ in FOLDS]
    return expand(f"results/programs/{program}/{kind}/fold{{fold}}.csv", fold=folds)


def all_member_files(kind: str):
    """Return an input function: all files of the members of an ensemble."""
    files = member_files(kind)
    return lambda wildcards: sorted(
        {path for trainings in files(wildcards).values() for path in sum(trainings, [])}
    )


def recorded_digests(record: str) -> dict:
    """Return the digests of a program's files as they were taken over; none where they were not."""
    try:
        return json.loads(Path(record).read_bytes())["settings"]["digests"]
    except (OSError, ValueError, TypeError, KeyError):
        return {}


def check_programs() -> None:
    """End the run before the first job where a program's file is not as expected."""
    for name, files in PROGRAMS.items():
        known = recorded_digests(f"results/programs/{name}/predictions.json")
        for kind, path in files.items():
            if known.get(kind) is None or known[kind] != file_digest(path):
                # Not in every run: a file may have millions of lines.
                from mimamo.ensembles.external import read_external

                call_or_exit(read_external, path, kind, SUBSETS)


if workflow.is_main_process and TRAINS:
    check_programs()


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


# The configured run, which all are compared with, then the ensembles.
SCORED_FOLDERS = {CONFIGURED: "", **{name: f"ensembles/{name}/" for name in ENSEMBLES}}


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
