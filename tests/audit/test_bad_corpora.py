"""The real stages on corpora with one fault each: what is said, and that the other names do not suffer."""

import logging
import os
import shutil
import tempfile
from collections import Counter
from pathlib import Path

import pytest

from mimamo.audit.batches import audit_batch
from mimamo.errors import InputError
from support.bad_corpora import annotations, crop_folders, crops, label_values, lists, names, videos
from support.bad_corpora.case import CROPS, NEIGHBOURS, SETTINGS, TRAIN, VICTIM, Case, crop, good_corpus
from support.doctor import Outcome, diagnose, label, survey_corpus

KINDS = (crops, crop_folders, annotations, label_values, videos, lists, names)
CASES = [case for kind in KINDS for case in kind.CASES]
#: Faults after which no name can be looked at.
NOTHING_LEFT = {"no root", "no folder of crops"}


@pytest.fixture(scope="module")
def good(tmp_path_factory) -> tuple[Outcome, dict[str, bytes]]:
    """The corpus before anything is spoilt."""
    folder = tmp_path_factory.mktemp("good")
    root = good_corpus(folder / "corpus")
    found = diagnose(root, folder / "results", SETTINGS)
    return found, label(found, root, SETTINGS)


def test_the_good_corpus_is_good(good):
    found, labels = good
    assert found.audit["verdict"].to_dict() == dict.fromkeys([*NEIGHBOURS, VICTIM], "ok")
    assert set(labels) == {VICTIM, "video9", "8-30-640x360"}
    assert not found.stock.symptoms and not found.said("") and not found.said(VICTIM)
    assert "Nothing: every name can be used as it is." in found.page


def test_cases_are_many_and_each_is_one_of_its_kind():
    assert len(CASES) > 100
    assert not [name for name, count in Counter(case.name for case in CASES).items() if count > 1]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_a_fault_is_told_and_harms_no_other_name(case: Case, good, tmp_path, caplog):
    caplog.set_level(logging.CRITICAL, "mimamo")
    root, settings = good_corpus(tmp_path / "corpus"), {**SETTINGS, **case.data}
    case.spoil(root)
    found = diagnose(root, tmp_path / "results", settings)
    told = dict(zip(found.said(case.victim), found.frames(case.victim), strict=True))
    if case.says:
        assert told[case.says.replace("{above}", str(tmp_path))] == case.frames, told
    else:
        assert not told
    if case.victim:
        verdicts = found.doctor[found.doctor["name"] == case.victim]["verdict"]
        assert set(verdicts) == {case.verdict}
    stopping = found.stock.blocking()
    assert (
        "A run does not start until the problems of the corpus as a whole are fixed" in found.page
    ) == bool(stopping)
    if stopping:
        assert not case.victim
        with pytest.raises(InputError) as refusal:
            survey_corpus(root, settings).refuse()
        assert str(refusal.value).startswith(stopping[0].complaint)
        # The doctor goes on all the same.
        assert case.name in NOTHING_LEFT or found.audit.loc["video9", "verdict"] == "ok"
        return
    others = [name for name in NEIGHBOURS if name != case.victim]
    before, labels = good
    # Where a length is from depends on the lists that there are.
    same = found.audit.columns.drop("length_source")
    assert found.audit.loc[others, same].equals(before.audit.loc[others, same])
    after = label(found, root, settings)
    assert {name: after.get(name) for name in ("video9", "8-30-640x360")} == {
        name: labels[name] for name in ("video9", "8-30-640x360")
    }
    assert (VICTIM in after) == (found.audit.loc[VICTIM, "verdict"] != "unusable")


def test_every_sentence_says_what_was_expected_and_found():
    for case in CASES:
        if case.says:
            assert "expected " in case.says and ", found " in case.says and case.says.endswith("."), case.name


# Failed jobs ----------------------------------------------------------------------------------------------


def test_a_list_that_went_bad_since_the_run_began_fails_the_job_and_leaves_nothing(tmp_path):
    root = good_corpus(tmp_path / "corpus")
    (root / "frames.txt").write_text("105 six\n")
    results = tmp_path / "results"
    with pytest.raises(InputError, match=r"frames.txt, line 1: expected a name and its number"):
        names = {VICTIM: "train"}
        audit_batch({VICTIM: "as given"}, names, SETTINGS, str(root), True, results)
    assert not list(results.rglob("*.json"))


def test_strict_leaves_no_table_behind(tmp_path):
    root = good_corpus(tmp_path / "corpus")
    shutil.rmtree(root / CROPS / VICTIM)
    found = diagnose(root, tmp_path / "results", SETTINGS)
    with pytest.raises(InputError, match=r"1 name of 4 cannot be used: 7; fix them as snakemake doctor says"):
        label(found, root, SETTINGS, strict=True)
    assert not (tmp_path / "results/audit.csv").exists()


def test_an_annotation_that_changed_since_the_audit_leaves_no_labels_behind(tmp_path):
    root = good_corpus(tmp_path / "corpus")
    found = diagnose(root, tmp_path / "results", SETTINGS)
    (root / TRAIN / "7.txt").write_text("valence arousal\n")
    with pytest.raises(InputError, match=r"7.txt, line 1: expected the header .* found 'valence arousal'"):
        label(found, root, SETTINGS)
    assert not (tmp_path / "results/labels").exists()
    assert not (tmp_path / "results/labels_summary.csv").exists()
    assert not list((tmp_path / "results").glob(".labels*"))


# Permissions ----------------------------------------------------------------------------------------------


def told_without_permission(path: str, name: str) -> list[str]:
    """Take all rights from a path of a good corpus, and tell what a person without them is told of a name."""
    # Folders of the tests are closed to other people, and so would be everything in them.
    with tempfile.TemporaryDirectory() as folder:
        Path(folder).chmod(0o777)
        root = good_corpus(Path(folder) / "corpus")
        (root / path).chmod(0)
        try:
            return in_a_child(lambda: diagnose(root, Path(folder) / "results", SETTINGS).said(name))
        finally:
            (root / path).chmod(0o700)


def in_a_child(function) -> list[str]:
    """Call a function in a child process that nobody owns, and return its lines; root may read everything."""
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        try:
            if os.geteuid() == 0:
                os.setgroups([])
                os.setresgid(65534, 65534, 65534)
                os.setresuid(65534, 65534, 65534)
            lines = function()
        except BaseException as error:
            lines = [repr(error)]
        os.write(writing, "\n".join(lines).encode())
        os._exit(0)
    os.close(writing)
    with os.fdopen(reading) as pipe:
        lines = pipe.read().splitlines()
    os.waitpid(child, 0)
    return lines


@pytest.mark.parametrize(
    ("path", "name", "says"),
    [
        (
            f"{CROPS}/7",
            VICTIM,
            "cropped_aligned/7: expected a folder of crops,"
            " found one that cannot be opened (Permission denied); the name is not used;"
            " put the"
            " crops there.",
        ),
        (
            f"{CROPS}/7/00002.jpg",
            VICTIM,
            "cropped_aligned/7/00002.jpg: expected a crop,"
            " found one that cannot be opened (Permission denied); left out; put the crop"
            " back.",
        ),
        (
            f"{TRAIN}/7.txt",
            VICTIM,
            "VA_Set/Training_Set/7.txt: expected an annotation file with the header 'valence,arousal', found"
            " one that cannot be opened (Permission denied); the name is not used; put the file back.",
        ),
        (
            CROPS,
            "",
            "cropped_aligned: expected a folder that can be listed,"
            " found one that cannot be opened (Permission denied); fix it or set"
            " another"
            " in the section data of the configuration.",
        ),
        (
            TRAIN,
            "",
            "VA_Set/Training_Set: expected a folder that can be listed,"
            " found one that cannot be opened (Permission denied); fix it or"
            " set"
            " another in the section data of the configuration.",
        ),
        (
            "test_set_VA_Challenge.txt",
            "",
            "test_set_VA_Challenge.txt: expected a list with one test name a line, found one that cannot"
            " be opened (Permission denied); set data.test_list to that list, or to null for no test set.",
        ),
        (
            "frames.txt",
            "",
            "frames.txt: expected a list with a name and its number of frames a line, found one that"
            " cannot be opened (Permission denied); the list is not used; set data.frame_list.",
        ),
    ],
)
def test_missing_permissions_are_told(good, path, name, says):
    assert says in told_without_permission(path, name)


def test_the_crop_of_a_frame_is_where_the_cases_put_it(tmp_path):
    assert crop(good_corpus(tmp_path / "corpus"), 3).is_file()
