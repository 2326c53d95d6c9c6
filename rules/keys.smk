# What every result of the long stages depends on, as a digest (its key), and which of them are there already. No rules.
#
# Snakemake makes again whatever is below a job that runs, and goes by times. Here a result is made again where its key
# is not the recorded one: a job has no inputs where its results have theirs, so that nothing above it reaches it, and the
# jobs of a batch are only asked for where a name of it is to be done. So what Snakemake compares is the parameters.

from mimamo.corpus.inventory import brought_part
from mimamo.cropping.name_record import NAME_RECORDS
from mimamo.dataset.groups import merge_groups
from mimamo.jobs.triggers import check_triggers
from mimamo.storage.name_records import NameRecords, recorded_key
from snakemake.settings.types import DeploymentMethod

# One record a name, in one folder for all batches.
RECORDS = {
    **({"crops": NameRecords(NAME_RECORDS)} if MAKES_CROPS else {}),
    "audit": NameRecords(Path("results/audit/names")),
    **{stage: NameRecords(Path("results", stage), ".npy") for stage in STAGES},
}
# What the job of a batch writes, beside the records of its names.
MARKERS = {stage: f"results/{stage}/batches/{{batch}}.json" for stage in ("audit", *STAGES)} | {
    "crops": "results/cropping/batches/{batch}.json"
}
# The record of a job with a key, and its results.
KEYED = {
    "labels": ("results/labels.json", "results/labels", "results/labels_summary.csv"),
    "folds": ("results/{run}folds.json", "results/{run}folds.csv"),
    "train": (
        "results/{run}train/fold{fold}/model.json",
        "results/{run}train/fold{fold}/model.pt",
        "results/{run}train/fold{fold}/history.csv",
    ),
    "predict": ("results/{run}predictions/fold{fold}.json", "results/{run}predictions/fold{fold}.csv"),
    "predict_test": (
        "results/{run}test_predictions/fold{fold}.json",
        "results/{run}test_predictions/fold{fold}.csv",
    ),
    "search_ask": (
        "results/search/trials/{trial}/asked.json",
        "results/search/trials/{trial}/parameters.json",
    ),
    "search_train": (
        "results/search/trials/{trial}/fold{fold}/trained.json",
        "results/search/trials/{trial}/fold{fold}/history.csv",
        "results/search/trials/{trial}/fold{fold}/outcome.json",
    ),
}
PARTS = {"fitted": FITTED_NAMES, "test": TEST_NAMES}


@cache
def environments() -> dict[str, str]:
    """Return the digests of the environments that jobs run in; none where these are not those of the workflow."""
    # Snakemake runs finished jobs again where an environment is another one; their keys have to say so too.
    if DeploymentMethod.CONDA not in workflow.deployment_settings.deployment_method:
        return {}
    return {path.name: file_digest(path) for path in sorted((BASE / "envs").glob("*.yaml"))}


def code_of(script: str, *modules: str) -> str:
    """Return the digest of a script, or of a module with all that it imports, and of other modules alone.

    Where jobs run in environments of the workflow, it is the digest of these as well.
    """
    package = BASE / "workflow/mimamo"
    path = BASE / "workflow" / script
    digest = code_digest(path, *(package / module for module in modules))
    return key_of(digest, environments()) if environments() else digest


@cache
def crops_code() -> str:
    """Return the digest of the code that decides which crops of a name are used."""
    return code_of("mimamo/corpus/crops.py", "audit/crop_checks.py")


@cache
def rendering() -> list:
    """Return what the demo corpus depends on; nothing for any other data set."""
    return [config["demo"], code_of("demo.py")] if IS_DEMO else []


@cache
def own_groups() -> Lists:
    """Return the user's person groups alone, without the lists of lengths, which may have millions of lines."""
    return Lists() if IS_DEMO else Lists.read(replace(CORPUS, frame_list=None, sample_list=None))


def crops_key(name: str) -> str:
    """Return the key of crops that are made of a name's containers, by these as they are now."""
    smoothing, detector = config["cropping"]["smoothing"], config["cropping"]["detector"]
    settings = [smoothing, file_digest(call_or_exit(find_detector, detector))]
    return key_of(code_of("crops.py"), INVENTORY.versions(name)["containers"], role_in_video(name), settings)


def crops_of(name: str) -> list:
    """Return what the usable crops of a name depend on."""
    made = key_in_force("crops", name) if MAKES_CROPS else rendering()
    dropped = [features_of(stream, name) for stream in DROPPING]
    return [versions_of(name)["crops"], crop_layout(None), made, *dropped]


def features_of(stream: str, name: str) -> list:
    """Return what decides which rows of features that are brought belong to which frames of a name."""
    settings = {key: BROUGHT[stream][key] for key in ("rows", "missing", "hold")}
    clock = versions_of(name)["containers"] if "rate" in settings["rows"] else None
    code = code_of("mimamo/corpus/brought_rows.py", "audit/brought_checks.py")
    return [stream, settings, versions_of(name)[brought_part(stream)], clock, code]


def neighbours(name: str) -> list:
    """Return what the audit of a name says of other names: partners in its video, and one of a similar name."""
    if IS_DEMO or MAKES_CROPS:
        # Their folders need not be there yet.
        return names_by_video()[video_of(name)]
    # A similar name is looked for where there is no folder of crops.
    return [CORPUS.partners(name), None if CORPUS.crop_folder(name) else CORPUS.similar_name(name)]


@cache
def audit_key(name: str) -> str:
    """Return the key of a name's audit, by the files as they are now: a job of the audit is about to read them."""
    test = SUBSETS[name] == "test"
    return key_of(
        code_of("audit.py"),
        [INVENTORY.versions(name), *crops_of(name)[1:]],
        [
            SUBSETS[name],
            portable(BROUGHT),
            # Which frames have sound: other settings change its values alone, and containers take long to decode.
            [[stream, settings["sample_rate"], settings["hop"]] for stream, settings in AUDIO.items()],
            ANNOTATION_LAYOUT,
            config["data"]["videos"],
            config["audit"]["decode_containers"],
        ],
        # Lengths matter for test names alone.
        [own_groups().group(name), list_digests("frame_list", "sample_list") if test else None],
        neighbours(name),
    )


@cache
def phase_key(name: str) -> str:
    """Return the key of a name's phase differences."""
    return key_of(code_of("phase.py"), code_of("filters.py"), crops_code(), crops_of(name))


def features_key(stage: str):
    """Return a function that gives the key of a name's features of a backbone."""
    spatial = result_settings("spatial", BACKBONES[stage])

    @cache
    def key(name: str) -> str:
        """Return the key."""
        return key_of(code_of("features.py"), spatial, weights_digest(spatial), crops_code(), crops_of(name))

    return key


def brought_key(stream: str):
    """Return a function that gives the key of a name's features of a stream that somebody brings."""
    files = CORPUS.all_brought_files(stream)
    # Of a name without a file the cache is as wide as that of the others.
    first = next((name for name in NAMES if name in files), None)

    @cache
    def key(name: str) -> str:
        """Return the key."""
        width = None if name in files or first is None else versions_of(first)[brought_part(stream)]
        return key_of(code_of("brought.py"), features_of(stream, name), width, crops_code(), crops_of(name))

    return key


def audio_key(stream: str):
    """Return a function that gives the key of a name's sound in a stream of it."""

    @cache
    def key(name: str) -> str:
        """Return the key."""
        sound = [sound_settings(AUDIO[stream]), versions_of(name)["containers"]]
        return key_of(code_of("audio.py"), sound, crops_code(), crops_of(name))

    return key


NAME_KEYS = {
    **{"crops": crops_key, "audit": audit_key, "phase": phase_key},
    **{stage: features_key(stage) for stage in BACKBONES},
    **{f"brought/{stream}": brought_key(stream) for stream in BROUGHT},
    **{f"audio/{stream}": audio_key(stream) for stream in AUDIO},
}


def key_in_force(stage: str, name: str) -> str | None:
    """Return the key of a name's result; in a job's own process, which reads no data for it, the recorded one."""
    return NAME_KEYS[stage](name) if workflow.is_main_process else RECORDS[stage].key(name)


def audit_keys(wildcards) -> str:
    """Return the key of what reads the audit of all names."""
    return key_of([[name, key_in_force("audit", name)] for name in NAMES])


def folder_of(stage: str):
    """Return a parameter function: the folder of a stage's records, which is no prefix of a job's own files.

    Here and below a stage may have wildcards, such as ``brought/{stream}``.
    """
    return lambda wildcards: str(RECORDS[stage.format(**wildcards)].folder)


def batch_keys(stage: str):
    """Return a parameter function: the keys of the names of a batch."""

    def keys(wildcards) -> dict[str, str]:
        """Return the keys by name."""
        key = NAME_KEYS[stage.format(**wildcards)]
        return {name: key(name) for name in BATCHES[wildcards.batch]}

    return keys


@cache
def forced(rule: str) -> bool:
    """Return whether the command line asks for a rule to be run again."""
    # Not before, as Snakemake does not know it while it reads the rules.
    call_or_exit(check_triggers, [trigger.name for trigger in workflow.rerun_triggers])
    # One rule makes the stages of all backbones, one those of features that are brought, and one those of sound.
    name = "features" if rule in BACKBONES else rule.partition("/")[0]
    return workflow.dag_settings.forceall or name in workflow.dag_settings.forcerun


@cache
def pending(stage: str) -> set[str]:
    """Return the names of which a stage has something to do."""
    keys = {name: NAME_KEYS[stage](name) for name in NAMES}
    if forced(stage):
        return set(NAMES)
    waiting = set(RECORDS[stage].pending(keys))
    return waiting | removed_crops() if stage == "crops" else waiting


def removed_crops() -> set[str]:
    """Return the names of which somebody removed the crops that were made."""
    gone = {name for name in NAMES if not (MADE_CROPS / name).is_dir() and RECORDS["crops"].key(name)}
    return {name for name in gone if not RECORDS["crops"].read(name)["reason"]}


def batches_of(stage: str, names: list[str]) -> list[str]:
    """Return what the jobs of a stage write that have something to do about these names."""
    if not workflow.is_main_process:
        # A job's own process reads the records of the names.
        return []
    wanted = pending(stage) & set(names)
    return [
        MARKERS[stage].format(batch=batch)
        for batch, members in BATCHES.items()
        if not wanted.isdisjoint(members)
    ]


def audited(wildcards) -> list[str]:
    """Return the audit of a batch where it is to be done before its crops are read."""
    refuse_faults()
    return batches_of("audit", BATCHES[wildcards.batch])


def marker(stage: str):
    """Return a parameter function: the time of what the batch's job wrote before, None where it did not."""

    def time_of_marker(wildcards) -> int | None:
        """Return the time; as another one is recorded, a job that is asked for is never taken for done."""
        path = Path(MARKERS[stage.format(**wildcards)].format(batch=wildcards.batch))
        return path.stat().st_mtime_ns if path.is_file() else None

    return time_of_marker


@cache
def caches_key(run: str, part: str) -> str:
    """Return the key of a run's caches of the fitted names, or of the test names."""
    return key_of(
        [[name, *(NAME_KEYS[stage](name) for stage in stages(RUN_CONFIGS[run]))] for name in PARTS[part]]
    )


@cache
def labels_key() -> str:
    """Return the key of the labels."""
    names = [[name, SUBSETS[name], versions_of(name)["annotation"], crops_of(name)] for name in FITTED_NAMES]
    checks = code_of("labels.py", "audit/name_checks.py", "audit/label_checks.py")
    return key_of(checks, crops_code(), ANNOTATION_LAYOUT, names)


@cache
def folds_key(run: str) -> str:
    """Return the key of the folds of a run."""
    shared = {name: (own_groups().group(name), next(iter(containers_of(name)), "")) for name in FITTED_NAMES}
    settings = RUN_CONFIGS[run]
    return key_of(
        code_of("folds.py"), settings["folds"], settings["protocol"], labels_key(), merge_groups(shared)
    )


def containers_of(name: str) -> list[str]:
    """Return the containers of a name, relative to the data set."""
    return [] if IS_DEMO else [str(CORPUS.relative_path(path)) for path in CORPUS.containers(name)]


@cache
def train_key(run: str) -> str:
    """Return the key of the trainings of a run, which differ in their fold alone."""
    settings = RUN_CONFIGS[run]
    spatial, training = (result_settings(section, settings[section]) for section in ("spatial", "training"))
    return key_of(
        code_of("train.py"),
        [settings["network"], training, spatial, portable(settings["streams"])],
        [folds_key(first_run(run, splitting)), labels_key(), caches_key(run, "fitted")],
    )


def predict_key(wildcards) -> str:
    """Return the key of the predictions of the names that a fold is scored on."""
    return key_of(code_of("predict.py"), train_key(wildcards.run))


def predict_test_key(wildcards) -> str:
    """Return the key of the predictions of the test names."""
    model = train_key(wildcards.run) if TRAINS else given_digest(wildcards)
    return key_of(code_of("predict_test.py"), model, caches_key(wildcards.run, "test"))


@cache
def search_key() -> str:
    """Return the key of all trials of a search: what each one is follows from these and from its number."""
    code = [code_of(f"search_{step}.py") for step in ("ask", "train", "tell")]
    return key_of(code, SEARCH, train_key(SEARCHED.run))


KEYS = {
    "labels": lambda wildcards: labels_key(),
    "folds": lambda wildcards: folds_key(wildcards.run),
    "train": lambda wildcards: train_key(wildcards.run),
    "predict": predict_key,
    "predict_test": predict_test_key,
    "search_ask": lambda wildcards: search_key(),
    "search_train": lambda wildcards: search_key(),
}


def is_done(rule: str, wildcards) -> bool:
    """Return whether a rule's results are those of their key."""
    if not workflow.is_main_process or forced(rule):
        # A job's own process is about to make them.
        return False
    record, *results = (path.format(**wildcards) for path in KEYED[rule])
    return recorded_key(record) == KEYS[rule](wildcards) and all(Path(path).exists() for path in results)


def needed(rule: str, paths, check=None):
    """Return an input function: paths (or a function that gives them), after a check; none where the rule is done."""

    def inputs(wildcards) -> str | list[str]:
        """Return the inputs for these wildcards."""
        if is_done(rule, wildcards):
            return []
        if check is not None and workflow.is_main_process:
            check()
        return paths(wildcards) if callable(paths) else paths.format(**wildcards)

    return inputs


def forget_forced() -> None:
    """Remove the records of the stages that are to be run again, so that their jobs do every name again."""
    for stage in filter(forced, RECORDS):
        RECORDS[stage].forget()
