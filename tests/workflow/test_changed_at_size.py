"""What changes in a data set of 561 names is done again, and nothing else: jobs and names of dry runs."""

import json
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import yaml

from support.paths import REPO
from support.skeleton import TEST_LIST, make_skeleton
from support.workflow import copy_workflow, jobs, snakemake

pytestmark = pytest.mark.slow

#: As many as Aff-Wild2 has, in its proportions.
COUNT = 561
FOLDS = range(5)
TARGETS = [f"results/{part}/fold{fold}.csv" for part in ("predictions", "test_predictions") for fold in FOLDS]
TARGETS += ["results/audit.csv"]
#: What is made on the way to them, other than tables of names.
BETWEEN = [
    "results/labels.json",
    "results/folds.json",
    *(f"results/train/fold{fold}/model.pt" for fold in FOLDS),
]
PRESET = REPO / "presets/affwild2.yaml"
#: Rules that compute; what joins their tables takes seconds.
WORK = {"audit", "phase", "features", "labels", "folds", "train", "predict", "predict_test"}
TRAINING = {"train": 5, "predict": 5, "predict_test": 5}

#: Ends the reading of the rules with what a finished run leaves: the record of every result, by its own key,
#: and of every file that was read. What the results hold decides nothing.
FINISH = """
import os

from mimamo.corpus import inventory
from snakemake.iocontainers import Wildcards

# Two thousand files that need not outlive the machine.
os.fsync = lambda file: None
for name in NAMES:
    digests = inventory.stat_digests(CORPUS, name)
    inventory.record(CORPUS, name, INVENTORY.versions(name), digests, Path(INVENTORY_FOLDER))
for stage, records in RECORDS.items():
    records.folder.mkdir(parents=True, exist_ok=True)
    for name in NAMES:
        records.result(name).touch()
        records.write(name, NAME_KEYS[stage](name), {})
# A search is none of what a plain run makes.
for rule_name, key in KEYS.items():
    for fold in () if rule_name.startswith("search") else FOLDS:
        wildcards = Wildcards(fromdict={"run": "", "fold": str(fold)})
        for path in KEYED[rule_name]:
            path = Path(path.format(run="", fold=fold))
            (path.parent if path.suffix else path).mkdir(parents=True, exist_ok=True)
            if path.suffix:
                path.write_text(json.dumps({"settings": {"key": key(wildcards)}}))
"""
#: Ends it with the names of which a stage has something to do.
TELL = """
if workflow.is_main_process:
    keys = {stage: {name: NAME_KEYS[stage](name) for name in NAMES} for stage in RECORDS}
    to_do = {stage: records.pending(keys[stage]) for stage, records in RECORDS.items()}
    Path("names.json").write_text(json.dumps(to_do))
"""


@pytest.fixture(scope="module")
def telling(tmp_path_factory) -> Path:
    """A copy of the workflow that tells the names of which a stage has something to do."""
    return copy_with(tmp_path_factory.mktemp("telling") / "workflow", TELL)


@pytest.fixture(scope="module")
def finished(telling, tmp_path_factory) -> Path:
    """A folder with a skeleton of 561 names as data/, and as run/ the records of a run that made it all."""
    place = tmp_path_factory.mktemp("finished")
    make_skeleton(place / "data", COUNT)
    for folder in (place / "data/cropped_aligned").iterdir():
        (folder / "00001.jpg").write_bytes(b"crop")
    (place / "data/lengths.txt").write_text("")
    (place / "data/groups.csv").write_text("name,group\n")
    data = {"frame_list": "lengths.txt", "groups": "groups.csv"}
    (place / "settings.yaml").write_text(yaml.safe_dump({"root": str(place / "data"), "data": data}))
    finishing = copy_with(place / "workflow", FINISH)
    settings = ["--configfile", PRESET, place / "settings.yaml"]
    listed_rules = snakemake(finishing, place / "run", *settings, "--list-rules")
    assert listed_rules.status == 0, listed_rules.text[-4000:]
    # Snakemake's own records are the parameters of jobs that have ended.
    for path in ("audit.csv", "frames.csv"):
        (place / "run/results" / path).touch()
    touched = snakemake(telling, place / "run", *TARGETS, *BETWEEN, *settings, "--touch", "--force")
    assert touched.status == 0, touched.text[-4000:]
    return place


@pytest.fixture
def plan(telling, finished) -> Callable[..., tuple[dict[str, int], dict[str, list[str]]]]:
    """Return a function that gives the jobs of the next run by rule, and the names by stage."""

    def run(*options: object) -> tuple[dict[str, int], dict[str, list[str]]]:
        """The jobs that compute, and the names that they are for."""
        given = ["--configfile", PRESET, finished / "settings.yaml", "--dry-run", *options]
        done = snakemake(telling, finished / "run", *TARGETS, *given)
        assert done.status == 0, done.text[-4000:]
        planned = {} if "Nothing to be done" in done.text else jobs(done)
        names = json.loads((finished / "run/names.json").read_text())
        return {rule: planned[rule] for rule in planned.keys() & WORK}, names

    return run


@pytest.fixture
def edit(finished) -> Iterator[Callable[[str, str], None]]:
    """Return a function that writes a file of the data set, which is undone, but for its date."""
    before: dict[Path, bytes | None] = {}

    def write(place: str, text: str) -> None:
        """Write a file, in a folder that is there or is made."""
        path = finished / "data" / place
        before[path] = path.read_bytes() if path.exists() else None
        path.parent.mkdir(exist_ok=True)
        path.write_text(text)

    yield write
    for path, content in before.items():
        if content is not None:
            path.write_bytes(content)
            continue
        path.unlink()
        if not any(path.parent.iterdir()):
            path.parent.rmdir()


def copy_with(folder: Path, ending: str) -> Path:
    """Copy the workflow, with more at the end of its Snakefile."""
    copy = copy_workflow(REPO, folder)
    with (copy / "Snakefile").open("a") as snakefile:
        snakefile.write(f"\nimport json\n{ending}")
    return copy


@pytest.fixture(scope="module")
def tested(finished) -> list[str]:
    """The names of the test list."""
    return (finished / "data" / TEST_LIST).read_text().split()


@pytest.fixture(scope="module")
def annotation(finished) -> Path:
    """An annotation file."""
    return min((finished / "data/VA_Set/Train_Set").iterdir())


def one_name(name: str) -> dict[str, list[str]]:
    """What is to be done where every stage has something to do about one name."""
    return {stage: [name] for stage in ("audit", "phase", "features")}


NOTHING: dict[str, list[str]] = {"audit": [], "phase": [], "features": []}


def test_the_same_data_set_elsewhere_with_other_dates_batches_and_speed(plan, finished, tmp_path):
    root = shutil.copytree(finished / "data", tmp_path / "data", copy_function=shutil.copyfile)
    how = ["batch_names=7", "strict=false", "training={threads: 3}", "spatial={batch_size: 9}"]
    assert plan("--config", f"root={root}", *how) == ({}, NOTHING)


def test_a_checkout_with_other_dates(plan, telling):
    for path in telling.rglob("*.py"):
        path.touch()
    assert plan() == ({}, NOTHING)


def test_a_line_of_an_annotation(plan, edit, annotation):
    edit(f"VA_Set/Train_Set/{annotation.name}", annotation.read_text().replace("0.1", "0.2", 1))
    planned, names = plan()
    assert planned == {"audit": 1, "labels": 1, "folds": 1, **TRAINING}
    assert names == NOTHING | {"audit": [annotation.stem]}


def test_a_crop(plan, edit, annotation):
    edit(f"cropped_aligned/{annotation.stem}/00002.jpg", "another")
    planned, names = plan()
    assert planned == {"audit": 1, "phase": 1, "features": 1, "labels": 1, "folds": 1, **TRAINING}
    assert names == one_name(annotation.stem)


def test_a_test_name_less(plan, edit, tested):
    edit(TEST_LIST, "\n".join(tested[1:]))
    planned, names = plan()
    # The others in its video are named by the audit; no cache knows them.
    assert planned.keys() <= {"audit", "predict_test"} and names["phase"] == names["features"] == []
    assert len(names["audit"]) <= 1 and tested[0] not in names["audit"]


def test_a_test_name_more(plan, edit, tested):
    edit("cropped_aligned/0-first/00001.jpg", "another")
    edit(TEST_LIST, "\n".join(["0-first", *tested]))
    planned, names = plan()
    assert planned == {"audit": 1, "phase": 1, "features": 1, "predict_test": 5}
    assert names == one_name("0-first")


def test_a_train_name_more(plan, edit, annotation):
    edit("cropped_aligned/0-first/00001.jpg", "another")
    edit("VA_Set/Train_Set/0-first.txt", annotation.read_text())
    planned, names = plan()
    assert planned == {"audit": 1, "phase": 1, "features": 1, "labels": 1, "folds": 1, **TRAINING}
    assert names == one_name("0-first")


def test_a_line_of_the_list_of_lengths(plan, edit, tested):
    edit("lengths.txt", f"{tested[0]} 500\n")
    planned, names = plan()
    assert planned.keys() == {"audit"} and names == NOTHING | {"audit": sorted(tested)}


def test_a_line_of_the_list_of_groups(plan, edit, tested):
    edit("groups.csv", f"name,group\n{tested[0]},somebody\n")
    planned, names = plan()
    assert planned == {"audit": 1} and names == NOTHING | {"audit": [tested[0]]}


def test_whether_containers_are_decoded(plan):
    planned, names = plan("--config", "audit={decode_containers: false}")
    assert planned.keys() == {"audit"} and len(names["audit"]) == COUNT and not names["phase"]


def test_the_audit_again(plan):
    planned, _ = plan("--forcerun", "audit")
    assert planned.keys() == {"audit"}


def test_how_gaps_are_filled(plan):
    assert plan("--config", "gaps={policy: previous}") == ({}, NOTHING)
