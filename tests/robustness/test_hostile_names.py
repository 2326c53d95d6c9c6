"""Names that somebody means ill with: nothing is executed, and nothing strays."""

import os
import zipfile
from pathlib import Path

import pytest
import yaml

from mimamo.audit.survey import subsets
from mimamo.corpus.lists import name_fault, read_frame_list, read_groups, read_sample_list, read_test_list
from mimamo.errors import InputError
from mimamo.own_data.clips import find_clips, name_folders
from mimamo.storage.files import read_csv
from mimamo.submission.validate import validate
from mimamo.submission.write import write_submission
from support.corpus import (
    DATA,
    corpus_at,
    make_folders,
    write_annotation,
    write_crops,
    write_text,
    write_video,
)
from support.paths import TINY
from support.workflow import snakemake

#: Names that could leave a folder, or be taken for several names or for something else than a name.
REFUSED = [
    "..", ".", ".hidden", "../up", "a/../../up", "/etc/absolute", "a/b", "a\\b", "-rf", "", "a\nb", "a\rb",
    "a\0b", "a\tb", "\x1b[31mred", 'say "hi"', "a,b", "x" * 300, "é" * 150, " a", "{batch}", "{0.__class__}",
    "\u202egpj.exe", "\ud800",
]  # fmt: skip
#: Names that would do harm in a shell, a pattern or a format, and are names like any other here.
TAKEN = [
    "two words", "it's", "$(touch canary)", "`touch canary`", "a;touch canary", "a|b", "a&b", ">canary", "*",
    "%s%n", "[a-z]", "~", "$HOME", "nul", "NA", "1e5", "ünïcödé",
]  # fmt: skip
#: Those of the former that a file system can hold.
ON_DISK = [name for name in REFUSED if "/" not in name and "\0" not in name and len(name) < 100]


def canaries(*folders: Path) -> list[Path]:
    return [path for folder in folders for path in folder.rglob("canary*")]


def test_names_are_refused_or_taken_as_they_are():
    assert [name for name in REFUSED if not name_fault(name)] == []
    assert [name for name in TAKEN if name_fault(name)] == []


LISTS = {
    "test list": (read_test_list, "{}\n"),
    "frame list": (read_frame_list, "{} 10\n"),
    "sample list": (read_sample_list, "image_location\n{}/00001.jpg\n"),
    "groups": (read_groups, "name,group\n{},g\n"),
    "groups of people": (read_groups, "name,group\ng,{}\n"),
}


@pytest.mark.parametrize("kind", LISTS)
@pytest.mark.parametrize("name", REFUSED)
def test_a_list_with_a_hostile_name_is_refused_or_holds_only_good_names(tmp_path, kind, name):
    """Where a line end cuts a name in two, or spaces around it do not count, what is left must be good."""
    read, form = LISTS[kind]
    path = tmp_path / "list"
    path.write_bytes(form.format(name).encode("utf-8", "surrogatepass"))
    try:
        found = read(path).content
    except InputError as error:
        assert str(path) in str(error) and str(error).isprintable() and len(str(error)) < 600
    else:
        names = [*found, *(found.values() if "groups" in kind else ())]
        assert name not in names and not any(map(name_fault, names)), names


@pytest.mark.parametrize("kind", LISTS)
@pytest.mark.parametrize("name", TAKEN)
def test_a_list_with_an_odd_name_is_read(tmp_path, kind, name):
    read, form = LISTS[kind]
    found = read(write_text(tmp_path / "list", form.format(name))).content
    assert name in found or name in found.values()


@pytest.mark.parametrize("name", ON_DISK)
def test_hostile_names_on_disk_are_refused_or_left_out(tmp_path, name):
    root = make_folders(tmp_path / "corpus", ["7"])
    write_annotation(root, "105", [(0, 0)] * 3)
    write_annotation(root, "106", [(0, 0)] * 3, "validation")
    raw = os.fsencode(root / DATA["train"]) + b"/" + name.encode("utf-8", "surrogatepass") + b".txt"
    with open(raw, "x") as handle:
        handle.write("valence,arousal\n0,0\n")
    try:
        assert set(subsets(corpus_at(root))) == {"7", "105", "106"}
    except InputError as error:
        assert str(error).isprintable() and "rename or remove it" in str(error)


def test_folders_with_hostile_names_are_left_out(tmp_path):
    root = make_folders(tmp_path)
    write_crops(root, "good", [1])
    for name in ("-rf", "a\nb", "x,y", "\x1b[31m"):
        write_crops(root, name, [1])
    assert [clip.crops.name for clip in find_clips(name_folders(root / "cropped_aligned"))] == ["good"]


def submission(folder: Path, names: list[str]) -> Path:
    rows = "".join(f"{name!r},1,0.1,0.2,predicted\n".replace("'", '"', 2) for name in names)
    write_text(folder / "filled.csv", "name,frame,valence,arousal,source\n" + rows)
    table = "".join(f"{name},1,decoded,1,0,0,\n" for name in names)
    write_text(folder / "gaps.csv", "name,length,length_source,predicted,filled,minus_five,note\n" + table)
    return folder


def test_odd_names_are_submitted_and_read_back(tmp_path):
    names = [name for name in TAKEN if "'" not in name]
    submission(tmp_path, names)
    paths = [tmp_path / path for path in ("filled.csv", "gaps.csv", "out", "check.csv")]
    check = write_submission(*paths)
    assert set(check["verdict"]) <= {"ok", "note"} and sorted(check["name"]) == sorted(names)
    assert sorted(path.stem for path in (tmp_path / "out/per_video").iterdir()) == sorted(names)


@pytest.mark.parametrize("name", [name for name in REFUSED if name.isprintable() or name == "a\tb"])
def test_hostile_rows_and_members_make_a_submission_invalid(tmp_path, name):
    row = tmp_path / "rows.txt"
    row.write_text(f"image_location,valence,arousal\n{name}/00001.jpg,0,0\n", encoding="utf-8")
    assert not validate(row, {"105": 1}).valid
    with zipfile.ZipFile(tmp_path / "s.zip", "w") as archive:
        archive.writestr(f"{name}.txt", "valence,arousal\n0,0\n")
    assert not validate(tmp_path / "s.zip", {"105": 1}).valid
    assert sorted(path.name for path in tmp_path.iterdir()) == ["rows.txt", "s.zip"]


def test_a_member_without_a_name_is_refused(tmp_path):
    """Found by the fuzzer."""
    with zipfile.ZipFile(tmp_path / "s.zip", "w") as archive:
        archive.writestr(zipfile.ZipInfo("\0.txt"), "valence,arousal\n0,0\n")
    assert "s.zip: a member has no name; it was not read" in validate(tmp_path / "s.zip", {"105": 1}).problems


@pytest.fixture(scope="module")
def odd_run(checkout, tmp_path_factory):
    stage = tmp_path_factory.mktemp("odd")
    root = make_folders(stage / "it's $(touch canary1) `touch canary2`; touch canary3", TAKEN[1::2])
    for number, name in enumerate(TAKEN):
        write_crops(root, name, range(1, 5), size=32)
        if number % 2 == 0:
            write_annotation(root, name, [(0.1, 0.2)] * 4)
        write_video(root / "batch1" / f"{name}.avi", 4)
    settings = {"data": {"validation": None, "videos": ["batch1"]}, "batch_names": len(TAKEN)}
    (stage / "odd.yaml").write_text(yaml.safe_dump(settings))
    folder = stage / "in $(touch canary4) 'here'"
    arguments = ["results/labels", "--configfile", TINY, stage / "odd.yaml", "--config", f"root={root}"]
    run = snakemake(checkout, folder, *arguments)
    assert run.status == 0, run.text[-4000:]
    return run, stage


def test_odd_names_and_folders_go_through_the_workflow(odd_run):
    run, stage = odd_run
    audit = read_csv(run.results / "audit.csv")
    assert sorted(audit["name"]) == sorted(TAKEN) and set(audit["verdict"]) == {"ok"}, audit[
        "reason"
    ].tolist()
    assert sorted(path.stem for path in (run.results / "labels").glob("*.csv")) == sorted(TAKEN[::2])
    assert canaries(stage, run.folder) == []
    assert {path.name for path in run.folder.iterdir()} == {"results", ".snakemake"}


def test_a_tag_in_a_configuration_is_not_executed(checkout, tmp_path):
    canary = tmp_path / "canary"
    file = write_text(tmp_path / "evil.yaml", f"root: !!python/object/apply:os.system ['touch {canary}']\n")
    run = snakemake(checkout, tmp_path / "run", "--dry-run", "--configfile", file)
    assert run.status != 0 and not canary.exists()
    assert "Config file is not valid JSON or YAML" in run.text
