# What all stages share: the names, their batches, the folds, and which code a job depends on. No rules.

from dataclasses import replace
from functools import cache

from mimamo.audit.brought_survey import survey_brought
from mimamo.audit.progress import export_total
from mimamo.audit.survey import Survey, survey
from mimamo.config import complete_config
from mimamo.corpus.layout import MADE_CROPS, Corpus, check_made_crops
from mimamo.corpus.layout_search import fill_in, layout_of_run
from mimamo.corpus.lists import read_test_list
from mimamo.corpus.results_root import record_root
from mimamo.demo import cast
from mimamo.errors import InputError
from mimamo.evidence.tracking import check_installed
from mimamo.features.settings import FERPLUS_BACKBONE, check_backbones
from mimamo.figures.files import files_beside
from mimamo.html.templates import template_files
from mimamo.own_data.given_models import list_models
from mimamo.provenance.source_code import code_digest
from mimamo.runs import SECTIONS as RUN_SECTIONS
from mimamo.runs import (
    CONFIGURED,
    ablations,
    all_runs,
    backbone_of,
    faults_of,
    folders_of_no_run,
    protocols,
    run_config,
    shared_streams,
    variants,
)
from mimamo.search.ranges import complete_ranges, configured
from mimamo.sound.settings import check_audio, sound_settings
from mimamo.storage.files import check_writable, file_hash
from mimamo.storage.name_records import check_reused, key_of
from mimamo.streams import (
    SPATIAL_SPEED,
    audio_streams,
    backbone_streams,
    backbones_of,
    brought_streams,
    phase_stream,
    portable,
    stage_of,
    weights_of,
)

BASE = Path(workflow.basedir)


def call_or_exit(function, *arguments):
    """Call a function; an InputError ends the run before it begins, with one sentence on the terminal."""
    try:
        return function(*arguments)
    except InputError as error:
        # Snakemake would show any other exception with lines of this file, where the fault is not.
        raise SystemExit(f"Error: {error}") from None


call_or_exit(complete_config, config, BASE)
call_or_exit(complete_ranges, config, BASE / "workflow/schemas/config.schema.yaml")
# Removed, as it changes no result.
FULL_CHECK = config.pop("full_check")


def stream_stages(settings: dict) -> dict[str, str]:
    """Return the stage that makes the caches of every stream in the configuration of a run, by the stream's name."""
    streams, spatial = settings["streams"], settings["spatial"]
    return {name: stage_of(name, streams[name], spatial, config["spatial"]) for name in streams}


def stages(settings: dict) -> list[str]:
    """Return the stages that make the caches of a run, each in the folder of its name; streams may share one."""
    return sorted(set(stream_stages(settings).values()))


# The trainings that are compared, by their folders; the configured one is "".
RUNS = all_runs(config)
RUN_CONFIGS = {folder: run_config(config, run) for folder, run in RUNS.items()}


def call_for_run(folder: str, function, *arguments) -> None:
    """Call a function of a run's settings as `call_or_exit` does; the sentence names the run."""
    call_or_exit(faults_of(RUNS[folder])(function), *arguments)


# The stages of all runs.
STAGES = list(dict.fromkeys(stage for settings in RUN_CONFIGS.values() for stage in stages(settings)))
# The section spatial that holds for every stage that makes a backbone's features: that of the first run, as in its jobs.
BACKBONES = {}
for settings in RUN_CONFIGS.values():
    for stage, section in backbones_of(settings["streams"], settings["spatial"], config["spatial"]).items():
        BACKBONES.setdefault(stage, section)
MOTION = phase_stream(config["streams"])
# Features that somebody brings for any run, and those without which a frame is left out in all of them.
BROUGHT = call_or_exit(shared_streams, config, brought_streams)
DROPPING = {name: settings for name, settings in BROUGHT.items() if settings["missing"] == "drop"}
# Streams of the containers' sound of any run.
AUDIO = call_or_exit(shared_streams, config, audio_streams)
# What figures and page show of phase differences, and of the features of every stream of a backbone.
PHASE_FOLDERS = [] if MOTION is None else ["results/phase"]
FEATURES_FOLDERS = {
    name: f"results/{stream_stages(config)[name]}" for name in backbone_streams(config["streams"])
}
# What the baseline sees: features, rather those of a backbone, and first those of the section spatial.
SEEN_ALONE = [stage for stage in stages(config) if stage != "phase"]
SEEN_ALONE.sort(key=lambda stage: (stage != "features", stage not in BACKBONES))
BASELINE_FOLDER = f"results/{SEEN_ALONE[0]}" if SEEN_ALONE else None
# Of the backbones, of which scores are told where they are random.
WEIGHTS = weights_of(config["streams"], config["spatial"])
call_or_exit(check_installed, config["tracking"])
call_or_exit(check_audio, AUDIO)
for folder, settings in RUN_CONFIGS.items():
    call_for_run(folder, check_backbones, settings["streams"], settings["spatial"])
call_or_exit(check_reused, config["reuse"])


def check_networks() -> None:
    """End the run where the features of a backbone cannot be computed."""
    from mimamo.features.weights import check_network

    call_or_exit(check_network, config["spatial"])
    for stage in BACKBONES:
        run, where, section = backbone_of(config, stage)
        call_for_run(run.folder, check_network, section, where)


if workflow.is_main_process and {FERPLUS_BACKBONE} != {
    section["backbone"] for section in (config["spatial"], *BACKBONES.values())
}:
    # Not in every job, and not for the default: torchvision is imported for seconds.
    check_networks()


onstart:
    call_or_exit(check_writable, "results")
    record_root(Path(INVENTORY_FOLDER), "demo" if IS_DEMO else ROOT)
    forget_forced()


IS_DEMO = config["root"] == "demo"
ROOT = "results/demo/corpus" if IS_DEMO else str(config["root"])
if IS_DEMO:
    LAYOUT = fill_in(config["data"], cast.LAYOUT)
else:
    LAYOUT = call_or_exit(layout_of_run, config["data"], ROOT, workflow.is_main_process)
config["root"], config["data"] = ROOT, LAYOUT.data
if workflow.is_main_process and (sentence := LAYOUT.sentence(ROOT)):
    print(f"{sentence}.", file=sys.stderr)
CORPUS = Corpus.from_config(config, ROOT)
call_or_exit(check_made_crops, config["data"], IS_DEMO)
# Whether the crops are the output of a rule.
MAKES_CROPS = CORPUS.makes_crops
# Given models predict the test names; without them, folds are trained on the annotations.
MODELS = [] if config["models"] is None else call_or_exit(list_models, config["models"])
TRAINS = not MODELS
SUBMITS = CORPUS.test_list is not None
# The demo's own test names have a known truth; a user's test list, given by its absolute path, has none.
HAS_TRUTH = IS_DEMO and TRAINS and SUBMITS and not Path(config["data"]["test_list"]).is_absolute()
# Licensed faces must not get into figures that are passed on, unless the configuration allows it.
SHOW_FACES = IS_DEMO or config["report"]["faces"]


def survey_corpus() -> Survey:
    """Return the names of the corpus and its faults; those of the demo are known before it is rendered."""
    if not IS_DEMO:
        return survey(CORPUS)
    found = survey_demo()
    # Its containers may not be rendered yet.
    return replace(found, symptoms=survey_brought(CORPUS, found.subsets, containers=False))


def survey_demo() -> Survey:
    """Return the names of the demo, with the user's own list of test names where there is one."""
    rendered = {name: subset for name, subset in cast.subsets().items() if has_subset(subset)}
    if not SUBMITS or not Path(config["data"]["test_list"]).is_absolute():
        return Survey(rendered)
    fitted = {name: subset for name, subset in rendered.items() if subset != "test"}
    # Not by the demo's own crops, which need not have been rendered yet.
    known = set(CORPUS.crop_names()) - set(cast.subsets())
    return Survey(fitted | dict.fromkeys(read_test_list(CORPUS.test_list, known).content, "test"))


def has_subset(subset: str) -> bool:
    """Return whether the configuration has a subset."""
    return getattr(CORPUS, "test_list" if subset == "test" else subset) is not None


SURVEY = call_or_exit(survey_corpus)
SUBSETS = SURVEY.subsets
NAMES = sorted(SUBSETS)
TEST_NAMES = [name for name in NAMES if SUBSETS[name] == "test"]
export_total(len(NAMES))
FITTED_NAMES = [name for name in NAMES if SUBSETS[name] != "test"]
# Names are worked on in batches: a job per name would spend more time starting Python than computing. Nothing depends on
# which batch a name is in, see rules/keys.smk.
BATCHES = {
    f"{number:03d}": batch
    for number, batch in enumerate(
        (
            names[start : start + config["batch_names"]]
            for names in (FITTED_NAMES, TEST_NAMES)
            for start in range(0, len(names), config["batch_names"])
        ),
        start=1,
    )
}
FOLDS = list(range(len(MODELS) or config["folds"]["count"]))
PROTOCOLS = protocols(config)
ABLATIONS = ablations(config)
VARIANTS = variants(config)
# The folders of all runs of these.
VARIANT_RUNS = [run.folder for runs in VARIANTS.values() for run in runs]
if workflow.is_main_process:
    for folder in folders_of_no_run(config, Path("results")):
        print(
            f"{folder} is of a run that the configuration does not have; it is left as it is.",
            file=sys.stderr,
        )
if config["run"] is not None and not TRAINS:
    raise SystemExit(
        "Error: Configuration: run is given together with models, which are not trained; leave one out."
    )
# The run with a validation set that nothing was fitted on, where there is one.
HELD_OUT_RUN = next((run for run, protocol in PROTOCOLS.items() if protocol == "official"), "")


@cache
def first_run(run: str, part) -> str:
    """Return the first run that is like another in a part of its configuration, and makes for both what follows of it."""
    return next(
        folder for folder, settings in RUN_CONFIGS.items() if part(settings) == part(RUN_CONFIGS[run])
    )


def splitting(settings: dict) -> list:
    """Return what decides the folds in the configuration of a run."""
    return [settings["protocol"], settings["folds"]]


def folds_of(wildcards) -> str | list[str]:
    """Return the folds of a run; an ensemble has those of the configured one, and given models have none."""
    return folds_of_run(wildcards.run if wildcards.run in RUNS else "") if TRAINS else []


def folds_of_run(run: str) -> str:
    """Return the folds of a run, which are those of the first one that is split alike."""
    return f"results/{first_run(run, splitting)}folds.csv"


def fold_count(run: str) -> int:
    """Return the number of folds of a run; an ensemble has those of the configured one."""
    return len(MODELS) or RUN_CONFIGS.get(run, config)["folds"]["count"]


def fold_files(pattern: str):
    """Return an input function: a file of every fold of a run."""

    def files(wildcards) -> list[str]:
        """Return the files for these wildcards."""
        run = source_of(wildcards.run)
        return expand(pattern, run=run, fold=range(fold_count(run)))

    return files


def caches_of(part: str):
    """Return an input function: the table of a run's caches of the fitted names, or of the test names."""
    return lambda wildcards: f"results/{first_run(wildcards.run, stages)}caches/{part}.csv"


def run_stages(wildcards) -> list[str]:
    """Return the stages that make the caches of a run."""
    return stages(RUN_CONFIGS[wildcards.run])


def cache_folders(wildcards) -> dict[str, str]:
    """Return the folder of the caches of every stream of a run."""
    return {name: f"results/{stage}" for name, stage in stream_stages(RUN_CONFIGS[wildcards.run]).items()}


def checkpoint_of(wildcards) -> str:
    """Return the network of a fold: the trained one, or one of the given models."""
    if TRAINS:
        return "results/{run}train/fold{fold}/model.pt".format(**wildcards)
    check_given_models()
    # Its digest decides and not its date.
    return ancient(str(MODELS[int(wildcards["fold"])]))


def weights_digest(spatial: dict) -> str | None:
    """Return the digest of a backbone's weights where they are a file, whatever its date is; else None."""
    # The rule weights reports a missing one in a sentence.
    return file_digest(Path(spatial["weights"]).expanduser())


def given_digest(wildcards) -> str | None:
    """Return the digest of the given model of a fold; None where networks are trained."""
    return None if TRAINS else file_digest(MODELS[int(wildcards.fold)])


def given_trained_on(wildcards) -> list | None:
    """Return what the given model of a fold was trained on; None where networks are trained."""
    if TRAINS:
        return None
    from mimamo.model.checkpoint import load_checkpoint

    return list(call_or_exit(load_checkpoint, MODELS[int(wildcards.fold)]).trained_on)


# Settings that change how fast and where from a result comes, but not the result, or its rounding alone. Neither they
# nor the data set's path are parameters of a rule, so that a change of them makes nothing anew; scripts read them from
# the configuration.
SPEED_SETTINGS = {"spatial": SPATIAL_SPEED, "training": ("threads", "save_every")}


def result_settings(section: str, values: dict) -> dict:
    """Return the settings of a section that decide what comes out."""
    return {key: value for key, value in values.items() if key not in SPEED_SETTINGS.get(section, ())}


# What is written down of the configuration: all that a result may depend on.
PORTABLE_CONFIG = {
    key: result_settings(key, value) if key in SPEED_SETTINGS else value
    for key, value in config.items()
    # A search decides nothing but its own tables.
    if key not in ("batch_names", "strict", "reuse", "runs", "seeds", "run", "tracking", "search")
} | {"root": "demo" if IS_DEMO else Path(ROOT).expanduser().resolve().name}


def of_run(section: str, key: str):
    """Return a function that gives a run's own value."""
    return lambda wildcards: RUN_CONFIGS[wildcards.run][section][key]


def section_of(section: str):
    """Return a function that gives what decides the result of a run's own values of a section."""
    return lambda wildcards: result_settings(section, RUN_CONFIGS[wildcards.run][section])


def tracked_settings(wildcards) -> dict[str, object]:
    """Return what a tracker is told of a run's configuration: all that its results may depend on."""
    settings = RUN_CONFIGS[wildcards.run]
    changed = {section: result_settings(section, settings[section]) for section in RUN_SECTIONS}
    return {**PORTABLE_CONFIG, **changed, "streams": streams_of(wildcards), "protocol": settings["protocol"]}


def streams_of(wildcards) -> dict[str, dict]:
    """Return the streams of a run, without the folders that brought features lie in."""
    return portable(RUN_CONFIGS[wildcards.run]["streams"])


def code(script: str, *others: Path):
    """Return a parameter function: a digest of a rule's script, all modules that it imports, and other files."""
    # A digest and not the files as inputs, so that their bytes decide and not their dates.
    return lambda wildcards: code_digest(BASE / "workflow" / f"{script}.py", *others)


def figure_files(*names: str) -> list[str]:
    """Return all files of figures."""
    pictures = [f"results/figures/{name}.png" for name in names]
    return [path for picture in pictures for path in (picture, *files_beside(picture))]


def caption_texts(*names: str) -> list[Path]:
    """Return the files of captions that a rule writes beside its figures, of which its key is made as well."""
    return [BASE / f"workflow/report/{name}.rst" for name in names]


def scaled_by_attempt(amount: int):
    """Return a resource function: `amount` at a job's first attempt, two and three times as much at later ones."""
    # No more than that: a training that was preempted many times needs no more than one that was not.
    return lambda wildcards, attempt: amount * min(attempt, 3)


@cache
def file_digest(path: str | Path) -> str | None:
    """Return a file's SHA-256, so that a change of it reruns what reads it; None where there is no file."""
    return file_hash(Path(path)) if Path(path).is_file() else None


def weights_record(stage: str) -> str:
    """Return the record of the weights of a backbone, by the stage that makes its features."""
    return "results/weights.json" if stage == "features" else f"results/weights/{Path(stage).name}.json"


# By their records, those of the section spatial whether a stream sees them or not.
WEIGHTED = {weights_record(stage): stage for stage in ("features", *BACKBONES)}


def weighted_section(wildcards) -> dict:
    """Return the section spatial of a record of weights."""
    stage = WEIGHTED["results/{weights}.json".format(**wildcards)]
    return BACKBONES.get(stage, config["spatial"])
