"""Whether the data set's files are still those that were read."""

import shutil

import pytest

from mimamo.corpus.inventory import Inventory, record, stat_digests
from mimamo.provenance.data import check_data
from support.corpus import corpus_at, make_folders, write_annotation


@pytest.fixture
def inventory(tmp_path):
    """The records of two names with annotations alone."""
    root = make_folders(tmp_path / "corpus", test_names=[])
    corpus = corpus_at(root)
    for name in ("video1", "video2"):
        write_annotation(root, name, [(0.1, 0.2)])
        versions = Inventory(corpus, tmp_path / "inventory").versions(name)
        record(corpus, name, versions, stat_digests(corpus, name), tmp_path / "inventory")
    return tmp_path / "inventory"


@pytest.mark.parametrize("full", [False, True])
def test_same_files_are_no_problem(inventory, full):
    line, findings = check_data(inventory, full)
    assert line.startswith("Data set: 2 names by") and line.endswith(" 0 changed, 0 not found")
    assert findings.problems == []


@pytest.mark.parametrize("full", [False, True])
def test_a_changed_file_is_a_problem_with_its_name(inventory, full):
    write_annotation(inventory.parent / "corpus", "video2", [(0.3, 0.2)])
    line, findings = check_data(inventory, full)
    assert line.endswith("1 changed, 0 not found")
    (problem,) = findings.problems
    assert problem.startswith("video2: expected the annotation that the audit read")


def test_a_data_set_on_another_machine_is_no_problem(inventory):
    shutil.rmtree(inventory.parent / "corpus")
    line, findings = check_data(inventory)
    assert line.endswith("0 changed, 2 not found") and findings.problems == []


def test_without_records_nothing_is_said(tmp_path):
    line, findings = check_data(tmp_path / "inventory")
    assert line == "" and findings.problems == []
