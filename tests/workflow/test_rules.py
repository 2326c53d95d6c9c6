"""Every rule says what it needs and where it tells what it did."""

import re

import pytest
import yaml

# Memory and time grow with the attempt, or a retry would meet the same limit again.
RESOURCES = ("threads:", "mem_mb=scaled_by_attempt(", "runtime=scaled_by_attempt(")
WANTED = ("log:", "benchmark:", "conda:", *RESOURCES, "script:", "input:", "output:")


def rules(repo) -> dict[str, str]:
    """The text of every rule that has a script, by name."""
    texts = {}
    for path in sorted((repo / "rules").glob("*.smk")):
        parts = re.split(r"^ *rule (\w+):\n", path.read_text(), flags=re.M)
        texts |= dict(zip(parts[1::2], parts[2::2], strict=True))
    return texts


def test_there_is_a_rules_file_for_every_stage(repo):
    stages = re.findall(r"^    (\w+) {3,}\w", (repo / "Snakefile").read_text(), flags=re.M)
    assert len(stages) == 28
    assert all((repo / "rules" / f"{stage}.smk").is_file() for stage in stages)


@pytest.mark.parametrize("wanted", WANTED)
def test_every_rule_has(repo, wanted):
    lacking = [name for name, text in rules(repo).items() if wanted not in text]
    # The doctor only tells, and may fail without taking its page along; three read no results.
    known = {("doctor", "output:"), ("demo", "input:"), ("filters", "input:"), ("weights", "input:")}
    lacking = [name for name in lacking if (name, wanted) not in known]
    assert len(rules(repo)) > 15 and not lacking


def test_every_rule_has_a_docstring_and_a_log_of_its_own(repo):
    # The folder of a rule's results, where it has several.
    folders = {"features": r"\{stage\}", "weights": r"\{weights\}"}
    for name, text in rules(repo).items():
        assert re.match(r'\s+"""[A-Z].*\."""', text), name
        for folder, ending in (("logs", "log"), ("benchmarks", "tsv")):
            place = rf"{folder}/(\{{run\}}|\w+/\{{\w+\}}/)?{folders.get(name, name)}"
            path = rf'"results/{place}(/\{{(stream|trial)\}})?(/fold|/)?(\{{\w+\}})?\.{ending}"'
            assert re.search(path, text), (name, folder)


def test_rules_that_compute_with_torch_on_a_gpu_ask_for_one(repo):
    asking = {name for name, text in rules(repo).items() if "gpu=" in text}
    assert asking == {"features", "train", "predict", "predict_test", "search_train"}


def test_every_rule_that_reads_the_data_set_depends_on_the_version_of_what_it_reads(repo):
    """Dates of the data set's files decide nothing, so none of them is an input."""
    found = rules(repo)
    scripts = {name: (repo / f"workflow/{name}.py").read_text() for name in found}
    reading = {name for name, text in scripts.items() if 'config["root"]' in text}
    assert {"audit", "labels", "phase", "features", "figures"} <= reading
    # By itself, or in the key of what it makes.
    versioned = {name for name, text in found.items() if re.search(r"\bversions=|\b(name_keys|key)=", text)}
    assert reading <= versioned
    inputs = {name: text.partition("input:")[2].partition("output:")[0] for name, text in found.items()}
    assert not {name for name, text in inputs.items() if re.search(r"CORPUS|ROOT|INVENTORY", text)}


def test_slurm_profile_has_the_rules_with_a_gpu_in_the_gpu_partition(repo):
    settings = yaml.safe_load((repo / "profiles/slurm/config.yaml").read_text())
    asking = {name for name, text in rules(repo).items() if "gpu=" in text}
    assert {name: needs["slurm_partition"] for name, needs in settings["set-resources"].items()} == {
        name: "gpu" for name in asking
    }
    assert settings["default-resources"]["slurm_partition"] == "cpu"
