# The files of the runs that are compared, and of what a run has only with some settings. No rules.


def files_of_runs(pattern: str):
    """Return an input function: a file of every fold of every run that is compared."""
    return lambda wildcards: [
        path for run in VARIANT_RUNS for path in expand(pattern, run=run, fold=range(fold_count(run)))
    ]


def results_of_run(name: str) -> list[str]:
    """Return what is made of one run alone: the scores of every seed, and what they predict of the test names."""
    files = ["scores.csv", "variants.csv"]
    files += (["ensemble.csv"] if SUBMITS else []) + (["mlflow.json"] if config["tracking"] else [])
    return [f"results/{run.folder}{file}" for run in VARIANTS[name] for file in files]


def first_seeds(file: str) -> list[str]:
    """Return a file of the first run of every variant."""
    return [f"results/{runs[0].folder}{file}" for runs in VARIANTS.values()]


def stream_weights(pattern: str) -> list[str]:
    """Return the tables of the streams' weights of all folds, where the network has any."""
    return expand(pattern, fold=FOLDS) if config["network"]["fusion"] == "attention" else []
