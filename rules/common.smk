# What all stages share: the names, their batches, the folds, and which code a job depends on. No rules.

from functools import cache

from mimamo.audit.progress import export_total
from mimamo.audit.survey import Lists, Survey, list_symptoms, survey
from mimamo.config import check_config, convert_text
from mimamo.corpus.layout import Corpus
from mimamo.corpus.lists import read_test_list
from mimamo.dataset.limits import check_fold_count, check_longest, check_test_lengths, check_window
from mimamo.demo import cast
from mimamo.errors import InputError
from mimamo.evidence.runs import OFFICIAL, ablation_runs, protocols, run_sections
from mimamo.features.settings import FERPLUS_BACKBONE, check_spatial
from mimamo.provenance.source_code import imported_modules
from mimamo.storage.files import check_writable

BASE = Path(workflow.basedir)


def call_or_exit(function, *arguments):
    """Call a function; an InputError ends the run before it begins, with one sentence on the terminal."""
    try:
        return function(*arguments)
    except InputError as error:
        # Snakemake would show any other exception with lines of this file, where the fault is not.
        raise SystemExit(f"Error: {error}") from None


call_or_exit(convert_text, config, BASE / "workflow/schemas/config.schema.yaml")
call_or_exit(check_config, config, BASE / "workflow/schemas/config.schema.yaml")
call_or_exit(check_spatial, config["spatial"])
if workflow.is_main_process and config["spatial"]["backbone"] != FERPLUS_BACKBONE:
    # Not in every job, and not for the default, which takes any size: torchvision is imported for seconds.
    from mimamo.features.backbone import check_backbone

    call_or_exit(check_backbone, config["spatial"]["backbone"], config["spatial"]["input_size"])


onstart:
    call_or_exit(check_writable, "results")


IS_DEMO = config["root"] == "demo"
ROOT = "results/demo/corpus" if IS_DEMO else str(config["root"])
CORPUS = Corpus.from_config(config, ROOT)
# The demo's own test names have a known truth; a user's test list, given by its absolute path, has none.
HAS_TRUTH = IS_DEMO and not Path(config["data"]["test_list"] or "").is_absolute()
# Licensed faces must not get into figures that are passed on, unless the configuration allows it.
SHOW_FACES = IS_DEMO or config["report"]["faces"]


def survey_corpus() -> Survey:
    """Return the names of the corpus and its faults; those of the demo are known before it is rendered."""
    if not IS_DEMO:
        return survey(CORPUS)
    if HAS_TRUTH:
        return Survey(cast.subsets())
    fitted = {name: subset for name, subset in cast.subsets().items() if subset != "test"}
    return Survey(fitted | dict.fromkeys(read_test_list(CORPUS.test_list), "test"))


SURVEY = call_or_exit(survey_corpus)
SUBSETS = SURVEY.subsets
NAMES = sorted(SUBSETS)
TEST_NAMES = [name for name in NAMES if SUBSETS[name] == "test"]
export_total(len(NAMES))
# Names are worked on in batches: a job per name would spend more time starting Python than computing.
BATCHES = {
    f"{start // config['batch_names'] + 1:03d}": NAMES[start : start + config["batch_names"]]
    for start in range(0, len(NAMES), config["batch_names"])
}
FOLDS = list(range(config["folds"]["count"]))
# The trainings that are compared; the configured one is "".
PROTOCOLS = protocols(config)
ABLATIONS = ablation_runs(config)
# The run with a validation set that nothing was fitted on, where there is one.
HELD_OUT_RUN = next((run for run, protocol in PROTOCOLS.items() if protocol == "official"), "")


def folds_of(wildcards) -> str:
    """Return the folds of a run; an ablation uses those of the configured run."""
    return f"results/{wildcards.run if wildcards.run in PROTOCOLS else ''}folds.csv"


def section_of(section: str):
    """Return a function that gives a run's own values of a section of the configuration."""
    return lambda wildcards: run_sections(config, wildcards.run)[section]


def corpus_inputs(wildcards) -> list[str]:
    """Return the files and folders of the data set that a job reads, so that a change there reruns it."""
    if IS_DEMO:
        return ["results/demo/corpus"]
    names = BATCHES[wildcards.batch] if "batch" in wildcards.keys() else NAMES
    paths = [path for name in names for path in (CORPUS.annotation(name), CORPUS.crop_folder(name))]
    return [str(path) for path in paths if path is not None]


def list_inputs(wildcards) -> list[str]:
    """Return the lists of video lengths and person groups, so that a change of them reruns the audit."""
    lists = (CORPUS.frame_list, CORPUS.sample_list, CORPUS.groups)
    return [] if IS_DEMO else [str(path) for path in lists if path is not None and path.is_file()]


@cache
def lists() -> Lists:
    """Return the data set's lists, which are read only when a job needs them; the demo has none."""
    return Lists() if IS_DEMO else Lists.read(CORPUS)


@cache
def survey_with_lists() -> Survey:
    """Return the survey with the faults of the lists."""
    return SURVEY if IS_DEMO else Survey(SUBSETS, SURVEY.symptoms + list_symptoms(CORPUS, SUBSETS, lists()))


@cache
def check_limits() -> None:
    """End the run before training where folds or windows do not fit, or a test name has no known length."""
    call_or_exit(check_fold_count, config["folds"]["count"], config["protocol"], SUBSETS, lists().group)
    window = config["training"]["window"]
    if IS_DEMO:
        call_or_exit(check_longest, window, cast.longest_fitted(config["demo"]["frames"]))
    else:
        fitted = [name for name, subset in SUBSETS.items() if subset != "test"]
        call_or_exit(check_window, window, filter(None, map(CORPUS.annotation, fitted)))
        unknown = [name for name in TEST_NAMES if not may_have_length(name)]
        # Of a list without one known name the survey says what is probably meant.
        if len(unknown) < len(TEST_NAMES):
            call_or_exit(check_test_lengths, unknown)


def may_have_length(name: str) -> bool:
    """Return whether a list, a folder of crops or a container can tell the length of a name's video."""
    listed = name in lists().frames or name in lists().sample
    return listed or bool(CORPUS.crop_folder(name) or CORPUS.containers(name))


def corpus_faults(wildcards) -> list[str]:
    """Return the faults of the corpus as a whole that stop a run; only the doctor goes on."""
    return [symptom.complaint for symptom in survey_with_lists().blocking()]


def if_usable(paths: str | list[str]):
    """Return an input function that gives these paths, or ends the run where the corpus has faults."""

    # The doctor reads the audit's files without this check.
    def paths_or_exit(wildcards) -> str | list[str]:
        """Return the paths for these wildcards, or end the run with the faults of the corpus."""
        call_or_exit(survey_with_lists().refuse, config["strict"])
        return paths if isinstance(paths, list) else paths.format(**wildcards)

    return paths_or_exit


def if_enough(path: str):
    """Return an input function that gives this path, or ends the run where the corpus is too small to train on."""

    def path_or_exit(wildcards) -> str:
        """Return the path for these wildcards, or end the run with what there is too little of."""
        check_limits()
        return path.format(**wildcards)

    return path_or_exit


def code(script: str) -> list[str]:
    """Return the script of a rule and every module of the package that it imports, so that an edit reruns it."""
    return [input_path(path) for path in imported_modules(BASE / "workflow" / f"{script}.py")]


def template(module: str) -> list[str]:
    """Return the files of a package's template, so that an edit reruns what is rendered from it."""
    return [input_path(path) for path in sorted((BASE / "workflow/mimamo" / module / "template").iterdir())]


def input_path(path: Path) -> str:
    """Return the path of one of the workflow's files, relative where the workflow runs in its own folder."""
    directory = Path.cwd()
    return str(path.relative_to(directory) if path.is_relative_to(directory) else path)


def scaled_by_attempt(amount: int):
    """Return a resource function: `amount` at a job's first attempt, two and three times as much at later ones."""
    # No more than that: a training that was preempted many times needs no more than one that was not.
    return lambda wildcards, attempt: amount * min(attempt, 3)


def file_digest(path: str) -> str | None:
    """Return a file's SHA-256, so that a change of it reruns the page; None where there is no file."""
    return hashlib.sha256(Path(path).read_bytes()).hexdigest() if Path(path).is_file() else None
