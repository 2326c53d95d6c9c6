# What ensembles and submissions are made of: runs, other programs' predictions, and their files. No rules.

from mimamo.corpus.editions import most_submissions
from mimamo.ensembles.settings import check_ensembles, complete_submissions
from mimamo.storage.name_records import recorded_setting

# Runs by name, with the folder of the training of every seed.
RUN_FOLDERS = {name: [run.folder for run in runs] for name, runs in VARIANTS.items()}
SUBMISSIONS = complete_submissions(config)
# A run of several seeds is submitted as their mean, which is an ensemble of it alone. A full stop is in no other name.
SEED_MEANS = {
    each["of"]: f"{each['of']}.seeds"
    for each in SUBMISSIONS.values()
    if len(RUN_FOLDERS.get(each["of"], [])) > 1
}
ENSEMBLES = {
    name: {"weights": "mean", **settings}
    for name, settings in (
        {name: {"members": [of]} for of, name in SEED_MEANS.items()} | config["ensembles"]
    ).items()
}
# Other programs' predictions, each with the paths of its files.
PROGRAMS = {
    name: {kind: str(Path(path).expanduser()) for kind, path in files.items() if path is not None}
    for name, files in config["predictions"].items()
}
# What the rules that follow predictions are applied to, beside runs: folders as those of runs.
COMBINED = [*(f"ensembles/{name}/" for name in ENSEMBLES), *(f"submissions/{name}/" for name in SUBMISSIONS)]
ANY_RUN = f"(?:{'|'.join(re.escape(run) for run in [*RUNS, *COMBINED])})"
# What becomes a submission: the configured run and those that are named.
SUBMITTED = (
    f"(?:{'|'.join(re.escape(run) for run in ['', *(f'submissions/{name}/' for name in SUBMISSIONS)])})"
)
# Runs on other folds than the configured one, whose predictions of a fold's names are not of its networks.
OTHER_FOLDS = {name for name, (folder, *_) in RUN_FOLDERS.items() if first_run(folder, splitting)}
call_or_exit(
    check_ensembles, config, list(RUN_FOLDERS), OTHER_FOLDS, SUBMITS, most_submissions(LAYOUT.edition)
)


def source_of(run: str) -> str:
    """Return the folder of the predictions that a submission is made of; for anything else, its own."""
    name = run.removeprefix("submissions/").removesuffix("/")
    return folder_of_source(SUBMISSIONS[name]["of"]) if run.startswith("submissions/") else run


def folder_of_source(name: str) -> str:
    """Return the folder of an ensemble, or of a run: that of its mean where it has several seeds."""
    name = SEED_MEANS.get(name, name)
    return f"ensembles/{name}/" if name in ENSEMBLES else RUN_FOLDERS[name][0]


def fitted_file(name: str):
    """Return an input function: a table of what is fitted on the predictions of a run; none of given models."""
    # These have no out-of-fold predictions that anything could be fitted on.
    return lambda wildcards: f"results/{source_of(wildcards.run)}{name}" if TRAINS else []


def settings_of(run: str) -> dict:
    """Return post-processing and gap policy of a submission, a run, or an ensemble, which has the configured ones."""
    if run.startswith("submissions/"):
        return SUBMISSIONS[run.removeprefix("submissions/").removesuffix("/")]
    return {**RUN_CONFIGS.get(run, config)["postprocessing"], "gaps": config["gaps"]["policy"]}


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


def check_programs() -> None:
    """End the run before the first job where a program's file is not as expected."""
    for name, files in PROGRAMS.items():
        known = recorded_setting(f"results/programs/{name}/predictions.json", "digests") or {}
        for kind, path in files.items():
            if known.get(kind) is None or known[kind] != file_digest(path):
                # Not in every run: a file may have millions of lines.
                from mimamo.ensembles.external import read_external

                call_or_exit(read_external, path, kind, SUBSETS)


if workflow.is_main_process and TRAINS:
    check_programs()


def sources_of_submissions(kind: str):
    """Return the paths of a table of what every submission is made of, in the order of the submissions."""
    return [f"results/{source_of(f'submissions/{name}/')}{kind}" for name in SUBMISSIONS]


def records_behind(name: str) -> list[str]:
    """Return the records of the jobs that a run, an ensemble or another program's predictions come from."""
    name = SEED_MEANS.get(name, name)
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
    return records_of_run(name) + [f"results/{folder_of_source(name)}postprocessing.json"]


def records_of_run(name: str) -> list[str]:
    """Return the records of the trainings and predictions of a run, of all its seeds."""
    kinds = ("train/fold{fold}/model.json", "predictions/fold{fold}.json", "test_predictions/fold{fold}.json")
    paths = [f"results/{run}{kind}" for run in RUN_FOLDERS[name] for kind in kinds]
    return expand(paths, fold=FOLDS)


def submission_records() -> list[str]:
    """Return the records of the jobs behind all submissions beside the configured one."""
    own = expand(
        "results/submissions/{name}/{record}.json",
        name=SUBMISSIONS,
        record=("submission", "filled", "ensemble"),
    )
    behind = [records_behind(each["of"]) for each in SUBMISSIONS.values()]
    return sorted({*own, *sum(behind, [])})


# The configured run, which all are compared with, then the ensembles.
SCORED_FOLDERS = {CONFIGURED: "", **{name: f"ensembles/{name}/" for name in ENSEMBLES}}
