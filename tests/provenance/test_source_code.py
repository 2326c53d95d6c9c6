import ast
import re
from pathlib import Path

import pytest

from mimamo.provenance.source_code import PACKAGE, code_digest, imported_modules
from support.paths import REPO

SCRIPTS = sorted((REPO / "workflow").glob("*.py"))


def rule_scripts() -> dict[str, str]:
    """The script of every rule, as the rule files say."""
    found = {}
    for path in sorted((REPO / "rules").glob("*.smk")):
        for block in re.split(r"^ *(?:rule|checkpoint) ", path.read_text(), flags=re.MULTILINE)[1:]:
            script = re.search(r"^ +script:\n +\"(.*)\"$", block, re.MULTILINE)
            found[block.partition(":")[0]] = script[1] if script else ""
    return found


def modules(script: str) -> set[str]:
    """What a script of the workflow stands on: module names, without the package's."""
    files = imported_modules(REPO / "workflow" / f"{script}.py")
    return {path.relative_to(PACKAGE).as_posix() for path in files if path.is_relative_to(PACKAGE)}


def test_every_rule_has_the_script_of_its_name():
    scripts = rule_scripts()
    assert len(scripts) > 15
    assert scripts == {rule: f"../workflow/{rule}.py" for rule in scripts}
    assert {path.stem for path in SCRIPTS} == set(scripts)


def test_every_rule_depends_on_its_own_code():
    for path in sorted((REPO / "rules").glob("*.smk")):
        text = path.read_text()
        assert re.findall(r'code=code\("(\w+)"[,)]', text) == re.findall(
            r"^ *rule (\w+):", text, re.MULTILINE
        ), path


def test_the_digest_does_not_depend_on_where_the_script_is_or_how_its_path_is_spelt(tmp_path):
    script = REPO / "workflow/submission.py"
    wanted = code_digest(script)
    # Before and after the package, and by way of another folder.
    for folder in (tmp_path, REPO / "rules"):
        spelt = folder.joinpath(*[".."] * (len(folder.parts) - 1), *script.parts[1:])
        assert spelt.samefile(script) and code_digest(spelt) == wanted
        # Nor on how modules of the package are.
        module = spelt.parent / "mimamo/corpus/crops.py"
        assert code_digest(module, spelt) == code_digest(REPO / "workflow/mimamo/corpus/crops.py", script)
    (tmp_path / script.name).write_bytes(script.read_bytes())
    assert code_digest(tmp_path / script.name) == wanted
    assert code_digest(REPO / "workflow/gaps.py") != wanted


def defined(module: Path) -> set[str]:
    """The names of a module's functions and classes and of what it assigns."""
    found = set()
    for node in ast.parse(module.read_text()).body:
        if isinstance(node, (ast.FunctionDef, ast.ClassDef)):
            found.add(node.name)
        elif isinstance(node, (ast.Assign, ast.AnnAssign)):
            found |= {part.id for part in ast.walk(node) if isinstance(part, ast.Name)}
    return found


@pytest.mark.parametrize("path", SCRIPTS, ids=lambda path: path.stem)
def test_scripts_compile_and_import_what_exists(path):
    """The imports stand inside a block, where nothing but a run would find one that is misspelt."""
    tree = ast.parse(path.read_text())
    compile(tree, str(path), "exec")
    imports = [node for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)]
    ours = [node for node in imports if node.module.split(".")[0] == PACKAGE.name]
    assert len(ours) > 1
    for node in ours:
        module = PACKAGE.parent.joinpath(*node.module.split(".")).with_suffix(".py")
        assert {alias.name for alias in node.names} <= defined(module)


def test_imports_are_followed_through_modules_and_into_functions():
    found = modules("train")
    assert {
        "__init__.py",
        "training/loop.py",
        "model/network.py",
        "dataset/windows.py",
        "storage/files.py",
    } <= found
    # No result depends on what words messages, reports progress or starts jobs.
    assert not found & {"errors.py", "jobs/job.py", "training/progress.py", "training/tensorboard.py"}
    assert {
        "demo/__init__.py",
        "demo/render.py",
        "demo/cast.py",
        "demo/face.py",
        "demo/traces.py",
    } <= modules("demo")
    assert all(path.is_file() for path in imported_modules(REPO / "workflow/train.py"))


def test_late_imports_count(tmp_path):
    script = tmp_path / "late.py"
    script.write_text(
        "def late():\n    from mimamo.dataset import windows\n    import mimamo.corpus.stretches\n"
        "    from mimamo.postprocessing.gaps import POLICIES\n    import json, scipy.fft\n"
    )
    found = imported_modules(script)
    assert found == sorted(found) and script in found
    names = {path.stem for path in found}
    # `from mimamo.postprocessing.gaps import POLICIES` is a name in a module, and gaps imports annotations.
    assert {"late", "windows", "stretches", "gaps", "annotations", "__init__"} <= names
    assert not {"POLICIES", "json", "scipy", "fft"} & names


@pytest.mark.parametrize(
    "script, unrelated",
    [
        (
            "labels",
            {
                "model/network.py",
                "training/loop.py",
                "phase/differences.py",
                "features/extract.py",
                "demo/face.py",
            },
        ),
        ("audit", {"model/network.py", "training/loop.py", "dataset/labels.py", "demo/cast.py"}),
        ("phase", {"model/network.py", "features/extract.py", "dataset/labels.py"}),
        ("train", {"audit/batches.py", "postprocessing/gaps.py", "submission/write.py", "demo/traces.py"}),
        ("gaps", {"model/network.py", "training/loop.py", "evidence/demo_scores.py"}),
        ("figures", {"model/network.py", "training/loop.py", "features/extract.py"}),
    ],
)
def test_unrelated_modules_do_not_count(script, unrelated):
    """Or an edit of the network would filter the labels anew, and all that comes after them."""
    assert f"{script}.py" in {path.name for path in imported_modules(REPO / "workflow" / f"{script}.py")}
    assert all((PACKAGE / module).is_file() for module in unrelated)
    assert not unrelated & modules(script)


@pytest.mark.parametrize(
    "script", ["audit", "labels", "folds", "ensemble", "gaps", "submission", "provenance", "demo"]
)
def test_small_jobs_start_without_torch(script):
    """Start-up of Python is a good part of a small job; torch alone takes seconds."""
    for path in imported_modules(REPO / "workflow" / f"{script}.py"):
        at_once = [node for node in ast.parse(path.read_text()).body if not isinstance(node, ast.If)]
        names = [alias.name for node in at_once if isinstance(node, ast.Import) for alias in node.names]
        names += [node.module or "" for node in at_once if isinstance(node, ast.ImportFrom)]
        assert not {"torch", "torchvision"} & {name.split(".")[0] for name in names}, path
