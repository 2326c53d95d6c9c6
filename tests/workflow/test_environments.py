"""The pins of pip, of conda and of the project's metadata say the same."""

import ast
import re
import sys
import tomllib

import pytest
import yaml

from mimamo.provenance.source_code import imported_modules

# Modules whose package has another name.
PACKAGES = {
    "PIL": "pillow", "cv2": "opencv-python-headless", "mlflow": "mlflow-skinny", "sklearn": "scikit-learn",
    "yaml": "pyyaml",
}  # fmt: skip


#: What running the project needs, and what tests, checks and documentation need besides.
FILES = ("requirements.txt", "requirements-dev.txt")


def pins_of(file) -> dict[str, set[str]]:
    """Pinned versions by package; some differ between versions of Python."""
    found: dict[str, set[str]] = {}
    for line in file.read_text().splitlines():
        if match := re.match(r"([\w.-]+)==([^\s;\\]+)", line):
            found.setdefault(match[1], set()).add(match[2])
    return found


@pytest.fixture(scope="module")
def pins(repo) -> dict[str, set[str]]:
    return pins_of(repo / FILES[0])


def conda(repo, name: str) -> dict[str, str]:
    dependencies = yaml.safe_load((repo / "envs" / f"{name}.yaml").read_text())["dependencies"]
    return dict(pin.split("==") for entry in dependencies if isinstance(entry, dict) for pin in entry["pip"])


@pytest.mark.parametrize("file", FILES)
def test_every_pin_has_hashes_and_no_index(repo, file):
    text = (repo / file).read_text()
    requirements = re.split(r"\n(?=[a-z])", text.strip())
    assert len(requirements) > 50
    assert all("--hash=sha256:" in requirement for requirement in requirements)
    assert "://" not in text and "index" not in text.replace("via", "")


def test_every_dependency_of_the_project_is_pinned(repo, pins):
    metadata = tomllib.loads((repo / "pyproject.toml").read_text())
    project, groups = metadata["project"], metadata["dependency-groups"]
    extras = [project["optional-dependencies"][extra] for extra in ("features", "timm", "tracking")]
    assert names_of(project["dependencies"], *extras) <= pins.keys()
    assert names_of(groups["dev"], groups["docs"]) <= pins_of(repo / FILES[1]).keys()


def names_of(*requirements: list[str]) -> set[str]:
    return {re.match(r"[\w.-]+", requirement)[0] for part in requirements for requirement in part}


def test_what_tests_need_leaves_what_runs_as_it_is(repo, pins):
    """Installing the second file must not put another version in place of one of the first."""
    changed = {
        package: versions
        for package, versions in pins_of(repo / FILES[1]).items()
        if package in pins and not versions <= pins[package]
    }
    assert not changed


@pytest.mark.parametrize("name", ["cpu", "gpu"])
def test_conda_environments_are_in_step_with_the_pins(repo, pins, name):
    packages = conda(repo, name)
    assert packages
    for package, version in packages.items():
        assert version in pins[package], package


#: What no environment needs to name.
OWN = {*sys.stdlib_module_names, "mimamo"}
#: What modules import when a function is called that no rule of the environment calls.
UNREACHED = {
    # For the bar of a terminal.
    "cpu": {"rich"},
    # Crops are checked by the audit, and the filters are made by the rule filters.
    "gpu": {"simplejpeg", "pyrtools"},
}


def test_conda_environments_hold_what_their_rules_import(repo):
    """When their modules are loaded, and later, when the functions are called that need it."""
    found = {}
    for rules in sorted((repo / "rules").glob("*.smk")):
        text = rules.read_text()
        for name, script in re.findall(
            r'conda:\s+"\.\./envs/(\w+)\.yaml".*?script:\s+"\.\./(.*?)"', text, re.S
        ):
            loaded, later = third_party(repo / script)
            missing = (loaded | later) - conda(repo, name).keys()
            assert missing <= UNREACHED[name] - loaded, f"{script} in {name}.yaml"
            found.setdefault(name, set()).update(missing)
    assert found == UNREACHED


def third_party(script) -> tuple[set[str], set[str]]:
    """Packages that a script's modules import when they are loaded, and those that they import later."""
    loaded, later = set(), set()
    for path in imported_modules(script):
        tree = ast.parse(path.read_text())
        loaded |= packages(tree.body)
        later |= packages(ast.walk(tree))
    return loaded, later - loaded


def packages(nodes) -> set[str]:
    """Packages of others that statements import."""
    modules = []
    for node in nodes:
        if isinstance(node, ast.Import):
            modules += [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            modules.append(node.module)
    return {PACKAGES.get(name, name) for name in {module.split(".")[0] for module in modules} - OWN}


def test_the_citation_names_the_version(repo):
    import mimamo

    assert yaml.safe_load((repo / "CITATION.cff").read_text())["version"] == mimamo.__version__
