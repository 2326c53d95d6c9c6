"""Results of one data set are not overwritten by those of another one."""

import re
import shutil
from pathlib import Path

import pytest

from mimamo.corpus.inventory import Inventory, record, stat_digests
from mimamo.corpus.results_root import FILE, check_root, record_root
from mimamo.errors import InputError
from support.corpus import corpus_at, make_folders, write_annotation, write_crops

NAMES = ("ann", "ben", "cleo")


@pytest.fixture
def root(tmp_path) -> Path:
    """A data set of three names, whose results have their inventory in results/inventory."""
    root = make_folders(tmp_path / "first/corpus", test_names=[])
    for number, name in enumerate(NAMES):
        write_annotation(root, name, [(0.1, number / 10)])
        write_crops(root, name, [1, 2 + number])
    corpus, folder = corpus_at(root), tmp_path / "results/inventory"
    record_root(folder, str(root))
    for name in NAMES:
        record(corpus, name, Inventory(corpus, folder).versions(name), stat_digests(corpus, name), folder)
    return root


def ask(tmp_path: Path, root: str | Path) -> None:
    """Ask for a data set in the same folder of results."""
    check_root(Inventory(corpus_at(Path(root)), tmp_path / "results/inventory"), str(root))


def test_the_same_folder_is_the_same_data_set_however_it_is_written_and_changed(root, tmp_path, monkeypatch):
    for name in NAMES:
        write_annotation(root, name, [(-0.5, 0.5)])
    ask(tmp_path, root)
    monkeypatch.chdir(root.parent)
    ask(tmp_path, "corpus")
    ask(tmp_path, root / "../corpus")
    # Asking alone records nothing.
    assert (tmp_path / "results/inventory" / FILE).read_text() == f"{root}\n"


def test_a_folder_without_results_takes_any_data_set(root, tmp_path):
    (tmp_path / "results/inventory" / FILE).unlink()
    ask(tmp_path, make_folders(tmp_path / "other"))
    assert not (tmp_path / "results/inventory" / FILE).exists()


def test_another_data_set_is_refused_with_both_named_and_the_option_to_type(root, tmp_path, monkeypatch):
    other = make_folders(tmp_path / "my own data")
    write_crops(other, "ann", [7])
    where = f"expected results of {other}, found those of {root}, which would be overwritten"
    with pytest.raises(InputError, match=re.escape(where)) as error:
        ask(tmp_path, other)
    assert "--directory runs/my_own_data. If it is the same" in str(error.value)
    # Where a path counts from is the new folder then.
    monkeypatch.chdir(tmp_path)
    with pytest.raises(InputError, match=re.escape(f"runs/my_own_data and root={other}. If")):
        ask(tmp_path, "my own data")
    (tmp_path / "results/inventory" / FILE).unlink()
    ask(tmp_path, other)


def test_the_demo_is_no_data_set_of_ones_own_even_where_its_files_are_the_same(root, tmp_path):
    record_root(tmp_path / "results/inventory", "demo")
    with pytest.raises(InputError, match=r"found those of the demo corpus, .*--directory runs/corpus$"):
        ask(tmp_path, root)
    record_root(tmp_path / "results/inventory", str(root))
    inventory = Inventory(corpus_at(root), tmp_path / "results/inventory")
    with pytest.raises(InputError, match=r"results of the demo corpus, found .*--directory runs/demo$"):
        check_root(inventory, "demo")


@pytest.mark.parametrize(("changes", "same"), [(0, True), (1, True), (2, False)])
def test_a_data_set_that_was_moved_is_known_by_most_of_its_files(root, tmp_path, changes, same):
    moved = shutil.copytree(root, tmp_path / "second/corpus")
    for name in NAMES[:changes]:
        write_annotation(moved, name, [(-0.9, 0.9)])
    if same:
        ask(tmp_path, moved)
    else:
        with pytest.raises(InputError, match="which would be overwritten"):
            ask(tmp_path, moved)
