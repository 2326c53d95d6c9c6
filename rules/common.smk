# What all stages share: the names, their batches, the folds, and which code a job depends on. No rules.

from functools import cache

from mimamo.audit.progress import announce
from mimamo.provenance.source_code import imported_modules
from mimamo.config import check_config
from mimamo.corpus.layout import Corpus
from mimamo.demo import cast
from mimamo.errors import InputError
from mimamo.storage.files import check_writable
from mimamo.corpus.lists import read_test_list
from mimamo.evidence.runs import OFFICIAL, ablation_runs, protocols, run_sections
from mimamo.audit.survey import Lists, Survey, survey

BASE = Path(workflow.basedir)


def told(function, *arguments):
    """Call a function; its fault becomes one sentence on the terminal and ends the run before it begins."""
    try:
        return function(*arguments)
    except InputError as error:
        # An exception of Snakemake's would be shown with places in this file, where the fault is not.
        raise SystemExit(f"Error: {error}") from None


told(check_config, config, BASE / "workflow/schemas/config.schema.yaml")


onstart:
    told(check_writable, "results")


IS_DEMO = config["root"] == "demo"
ROOT = "results/demo/corpus" if IS_DEMO else str(config["root"])
CORPUS = Corpus.from_config(config, ROOT)
# The demo's own test names have a known truth; a test list of the user's, given by its full path, has none.
HAS_TRUTH = IS_DEMO and not Path(config["data"]["test_list"] or "").is_absolute()
# A licensed face must not get into a picture that is passed on, unless somebody says so.
SHOW_FACES = IS_DEMO or config["report"]["faces"]


def take_stock() -> Survey:
    """Return what there is; the names of the demo are known before it is rendered."""
    if not IS_DEMO:
        return survey(CORPUS)
    if HAS_TRUTH:
        return Survey(cast.subsets())
    fitted = {name: subset for name, subset in cast.subsets().items() if subset != "test"}
    return Survey(fitted | dict.fromkeys(read_test_list(CORPUS.test_list), "test"))


STOCK = told(take_stock)
SUBSETS = STOCK.subsets
NAMES = sorted(SUBSETS)
announce(len(NAMES))
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
    """Return the folds of a run; an ablation has those of the configured one."""
    return f"results/{wildcards.run if wildcards.run in PROTOCOLS else ''}folds.csv"


def section_of(section: str):
    """Return a section of the configuration as a run has it."""
    return lambda wildcards: run_sections(config, wildcards.run)[section]


def corpus_inputs(wildcards) -> list[str]:
    """Return what a job reads of the data set, so that a change there reruns it."""
    if IS_DEMO:
        return ["results/demo/corpus"]
    names = BATCHES[wildcards.batch] if "batch" in wildcards.keys() else NAMES
    found = [path for name in names for path in (CORPUS.annotation(name), CORPUS.crop_folder(name))]
    return [str(path) for path in found if path is not None]


def list_inputs(wildcards) -> list[str]:
    """Return the lists that tell lengths and people, so that a change of them makes the audit run again."""
    lists = (CORPUS.frame_list, CORPUS.sample_list, CORPUS.groups)
    return [] if IS_DEMO else [str(path) for path in lists if path is not None and path.is_file()]


@cache
def diagnosed() -> Survey:
    """Return all that is wrong with the corpus as a whole; the lists are read when somebody asks."""
    return STOCK if IS_DEMO else Survey(SUBSETS, STOCK.symptoms + Lists.read(CORPUS).symptoms)


def corpus_faults(wildcards) -> list[str]:
    """Return what is so wrong with the corpus as a whole that only the doctor goes on."""
    return [symptom.complaint for symptom in diagnosed().stopping()]


def sound(paths: str | list[str]):
    """Name a file or files that only a run on a sound corpus may use: the doctor looks at others, all else is refused."""

    def refused_or_found(wildcards) -> str | list[str]:
        told(diagnosed().refuse, config["strict"])
        return paths if isinstance(paths, list) else paths.format(**wildcards)

    return refused_or_found


def code(script: str) -> list[str]:
    """Return the script of a rule and every module of the package that it imports, so that an edit reruns it."""
    return [as_input(path) for path in imported_modules(BASE / "workflow" / f"{script}.py")]


def template(module: str) -> list[str]:
    """Return the files of a module's template, so that an edit reruns what is made with it."""
    return [as_input(path) for path in sorted((BASE / "workflow/mimamo" / module / "template").iterdir())]


def as_input(path: Path) -> str:
    """Return the path of one of the workflow's files, relative where the workflow is run in its own folder."""
    here = Path.cwd()
    return str(path.relative_to(here) if path.is_relative_to(here) else path)


def growing(amount: int):
    """Ask for `amount` of memory or time at a job's first attempt, and two and three times as much at later ones."""
    # No more than that: a training that was preempted many times needs no more than one that was not.
    return lambda wildcards, attempt: amount * min(attempt, 3)


def digest(path: str) -> str | None:
    """Return what a file holds in short, so that the page is made anew when it changes; None where there is none."""
    return hashlib.sha256(Path(path).read_bytes()).hexdigest() if Path(path).is_file() else None
