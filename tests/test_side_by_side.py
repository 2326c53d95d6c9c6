"""Two processes that share the tests: each module is run by one of them."""

from types import SimpleNamespace

from support.shares import Shares

#: Modules and what their tests ask for; the second waits for a whole run.
MODULES = {"a": [], "b": ["tiny"], "c": [], "d": []}


def items() -> list[SimpleNamespace]:
    """Two tests of every module, those that wait for a run last, as pytest has them collected."""
    order = sorted(MODULES, key=lambda name: bool(MODULES[name]))
    return [SimpleNamespace(module=name, fixturenames=MODULES[name]) for name in order for _ in range(2)]


def collected(folder, share: str) -> tuple[Shares, list[SimpleNamespace], list[SimpleNamespace]]:
    """One of the processes after its collection: the plugin, its tests and those that it leaves out."""
    shares, found, left = Shares(folder, share), items(), []
    hook = SimpleNamespace(pytest_deselected=lambda items: left.extend(items))
    shares.pytest_collection_modifyitems(SimpleNamespace(hook=hook), found)
    return shares, found, left


def test_only_the_first_process_has_tests_that_wait_for_a_run_and_it_begins_with_them(tmp_path):
    _, first, left = collected(tmp_path, "first")
    assert [item.module for item in first] == ["b", "b", "a", "a", "c", "c", "d", "d"] and not left
    _, second, left = collected(tmp_path, "second")
    assert [item.module for item in second] == ["d", "d", "c", "c", "a", "a"]
    assert [item.module for item in left] == ["b", "b"]


def test_every_test_is_run_by_one_process(tmp_path):
    processes = [collected(tmp_path, share)[:2] for share in ("first", "second")]
    ran = []
    for number in range(8):
        for share, (shares, found) in enumerate(processes):
            # True says that the test needs no running.
            if number < len(found) and shares.pytest_runtest_protocol(found[number]) is None:
                ran.append((found[number].module, share))
    assert sorted(module for module, _ in ran) == [name for name in "abcd" for _ in range(2)]
    assert len(set(ran)) == len(MODULES), "a module was split"
