"""What changes in a data set is done again, whatever the dates of its files say."""

import json
import os
import shutil
import time
from pathlib import Path

import pytest

from mimamo.corpus.inventory import stat_digest
from support.configuration import read
from support.paths import TINY
from support.workflow import OWN_TARGETS, Run, jobs, snakemake

pytestmark = pytest.mark.slow

#: Rules that make something of crops or annotations.
WORK = {"phase", "features", "labels", "folds", "train", "predict", "predict_test"}


@pytest.fixture
def data(finished_own_run) -> Path:
    """The data set's folder, for the test to change."""
    return finished_own_run.root


@pytest.fixture
def plan(checkout, finished_own_run):
    """Return a function that plans the next run, as a person calls it."""
    own = finished_own_run
    triggers = read(checkout / "profiles/default/config.yaml")["rerun-triggers"]

    def run(*targets: str, entries: tuple[str, ...] = (), dry: bool = True, checkout: Path = checkout) -> Run:
        given = [*(targets or OWN_TARGETS), *(["--config", *entries] if entries else [])]
        options = ["--configfile", TINY, own.settings, "--rerun-triggers", *triggers]
        return snakemake(checkout, own.folder, *given, *options, *(["--dry-run"] if dry else []))

    return run


@pytest.fixture
def made(finished_own_run):
    """Return a function that gives the time of every file that was made for a single name."""
    results = finished_own_run.results

    def times() -> dict[str, int]:
        """The times by path below results/."""
        files = [
            path
            for folder in ("audit/names", "phase", "features")
            for path in (results / folder).iterdir()
            if path.suffix in (".json", ".npy")
        ]
        return {path.relative_to(results).as_posix(): path.stat().st_mtime_ns for path in files}

    return times


def again(run: Run) -> set[str]:
    """The rules that would be run, without the target."""
    assert run.status == 0, run.text[-4000:]
    return set() if "Nothing to be done" in run.text else set(jobs(run)) - {"all"}


def annotation(root: Path) -> Path:
    """An annotation file."""
    return min((root / "VA_Set/Training_Set").iterdir())


def crop(root: Path) -> Path:
    """A crop of the same name."""
    return min((root / "cropped_aligned" / annotation(root).stem).iterdir())


def overwrite(path: Path, content: bytes, date: float) -> None:
    """Write a file in place and give it a date."""
    time.sleep(0.02)
    path.write_bytes(content)
    os.utime(path, (date, date))


def test_nothing_is_to_be_done_at_first(plan, data):
    assert again(plan()) == set()


def test_a_fresh_checkout_with_new_dates_makes_nothing_anew(plan, editable_checkout):
    for path in [*editable_checkout.rglob("*.py"), *editable_checkout.rglob("*.smk")]:
        path.touch()
    assert again(plan()) == set()


def test_the_same_data_set_under_another_path_makes_nothing_anew(plan, data, tmp_path):
    moved = shutil.copytree(data, tmp_path / data.name)
    assert again(plan(entries=(f"root={moved}",))) == set()


def test_another_data_set_is_refused_where_results_are(plan, data, finished_own_run, tmp_path):
    other = shutil.copytree(data, tmp_path / "other")
    for path in other.rglob("*.txt"):
        path.write_bytes(path.read_bytes().replace(b"0.", b"-0."))
    for folder in (other / "cropped_aligned").iterdir():
        min(folder.iterdir()).write_bytes(b"")
    run = plan(entries=(f"root={other}",))
    assert run.status == 1 and run.said("Error: ") == [run.text.splitlines()[-1]]
    # Where the data set lay when the results were made.
    earlier = (finished_own_run.results / "inventory/root.txt").read_text().strip()
    assert f"expected results of {other}, found those of {earlier}" in run.text
    assert "--directory runs/other. If it is the same data set" in run.text
    # A lock is removed without a word of the data set, as the documentation has it.
    assert plan("--unlock", entries=("root=demo",), dry=False).status == 0


@pytest.mark.parametrize("date", [1.0, time.time() + 86400 * 365], ids=["old", "future"])
def test_an_edited_annotation_is_read_again_whatever_its_date(plan, data, date):
    path = annotation(data)
    overwrite(path, path.read_bytes().replace(b"0.", b"-0.", 1), date)
    planned = again(plan())
    assert {"audit", "labels", "folds", "train"} <= planned and not {"phase", "features", "caches"} & planned


def test_an_annotation_edited_before_the_doctor_was_called_is_read_by_the_run_after_it(plan, data, made):
    path = annotation(data)
    lines = path.read_text().splitlines()
    lines[20:40] = ["-0.777,0.25"] * 20
    overwrite(path, "\n".join([*lines, ""]).encode(), 1.0)
    before = made()
    assert plan("doctor", dry=False).status == 0
    planned = again(plan())
    assert "labels" in planned and "audit" not in planned
    done = plan(dry=False)
    assert done.status == 0
    assert "-0.777" in (done.results / f"labels/{path.stem}.csv").read_text()
    assert again(plan()) == set()
    # Of 25 names only this one was audited again, and no cache was made.
    assert {file for file, time in made().items() if before[file] != time} == {
        f"audit/names/{path.stem}.json"
    }


def test_a_crop_overwritten_in_place_is_seen(plan, data):
    path = crop(data)
    other = max(path.parent.iterdir()).read_bytes()
    overwrite(path, other, path.stat().st_mtime)
    assert {"audit", "phase", "features", "labels", "train"} <= again(plan())


def test_a_crop_with_the_same_state_and_other_bytes_is_found_by_the_full_check(plan, data, finished_own_run):
    path = crop(data)
    content = bytearray(path.read_bytes())
    content[-20] ^= 1
    path.write_bytes(content)
    # The inode change time cannot be set back, so the record is set to it.
    record = finished_own_run.results / f"inventory/{path.parent.name}.json"
    entries = json.loads(record.read_text())
    entries["crops"]["stat"] = stat_digest([path.parent])
    record.write_text(json.dumps(entries))
    assert again(plan()) == set()
    assert {"audit", "phase", "features"} <= again(plan(entries=("full_check=true",)))


def test_only_the_caches_of_a_name_with_other_crops_are_made_again(plan, data, made):
    path, before = crop(data), made()
    overwrite(path, max(path.parent.iterdir()).read_bytes(), 1.0)
    assert plan("results/caches/fitted.csv", "results/caches/test.csv", dry=False).status == 0
    name, folders = path.parent.name, ("audit/names", "phase", "features")
    caches = {f"{folder}/{name}.{end}" for folder in folders for end in ("json", "npy")}
    assert {file for file, time in made().items() if before[file] != time} == caches & before.keys()
    assert len(caches & before.keys()) == 5


def test_a_container_that_is_downloaded_later_is_read(plan, finished_own_run):
    shutil.copy2(*finished_own_run.later)
    planned = again(plan())
    assert {"audit", "audit_table", "gaps"} <= planned and not WORK & planned


def test_copied_and_touched_files_are_the_same(plan, data):
    for path in data.rglob("*.txt"):
        os.utime(path, (1, 1))
    assert again(plan()) == set()


def test_a_list_of_lengths_with_an_old_date_is_seen(plan, data):
    path = data / "lengths.txt"
    name = (data / "test_set_VA_Challenge.txt").read_text().split()[0]
    entries = (f"data={{frame_list: {path}}}",)
    path.write_text(f"{name} 500\n")
    assert plan(entries=entries, dry=False).status == 0
    assert again(plan(entries=entries)) == set()
    overwrite(path, f"{name} 501\n".encode(), 1.0)
    planned = again(plan(entries=entries))
    assert {"audit", "gaps", "submission"} <= planned and not WORK & planned
