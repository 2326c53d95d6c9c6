"""The chain from a submission back to weights, settings and code: what is in it, and what breaks it."""

import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest
import yaml

from mimamo.errors import InputError
from mimamo.provenance.record import script_of
from mimamo.provenance.source_code import PACKAGE, code_digest
from support.chain import CHAIN_SCRIPT, join, told
from support.paths import TINY
from support.workflow import copy_workflow, environment

LATE = ["submission", "gaps", "ensemble", "postprocessing"]
MIDDLE = {"train", "predict", "predict_test"}


@pytest.fixture(scope="module")
def chain(tiny) -> dict:
    return json.loads((tiny.results / "provenance.json").read_text())


def sha256(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def stages(chain: dict, rule: str) -> list[dict]:
    return [stage for stage in chain["stages"] if stage["rule"] == rule]


# What is in it --------------------------------------------------------------------------------------------


def test_every_file_between_features_and_submission_is_in_the_chain(tiny, chain):
    made = {path: digest for stage in chain["stages"] for path, digest in stage["outputs"].items()}
    files = [
        "ensemble.csv", "filled.csv", "gaps.csv", "predictions/fold0.csv", "test_predictions/fold1.csv",
        "train/fold0/model.pt", "train/fold1/model.pt", "submission/submission.zip",
        "submission/predictions.txt", "submission_check.csv", "submission/per_video/144.txt",
    ]  # fmt: skip
    assert {path: made[path] for path in files} == {path: sha256(tiny.results / path) for path in files}
    caches = {"features/105.npy", "features/144.npy", "phase/105.npy", "caches/fitted.csv"}
    assert {path: made[path] for path in caches} == {path: sha256(tiny.results / path) for path in caches}


def test_each_stage_read_what_the_one_before_made(chain):
    made = {path: digest for stage in chain["stages"] for path, digest in stage["outputs"].items()}
    links = [
        ("submission", "filled.csv"), ("gaps", "ensemble.csv"), ("ensemble", "test_predictions/fold1.csv"),
        ("predict", "caches/fitted.csv"), ("train", "caches/fitted.csv"), ("predict_test", "caches/test.csv"),
    ]  # fmt: skip
    for rule, path in links:
        assert all(stage["inputs"][path] == made[path] for stage in stages(chain, rule)), (rule, path)
    for stage in stages(chain, "predict"):
        path = f"train/fold{stage['wildcards']['fold']}/model.pt"
        assert stage["inputs"][path] == made[path]


def test_weights_settings_and_code_are_named(tiny, chain):
    record = json.loads((tiny.results / "features/105.json").read_text())["weights"]
    assert chain["weights"] == record and len(record["sha256"]) == 64
    settings = yaml.safe_load(TINY.read_text())
    assert chain["config"]["training"]["epochs"] == settings["training"]["epochs"]
    (train, _) = stages(chain, "train")
    assert train["settings"]["network"]["temporal_channels"] == settings["network"]["temporal_channels"]
    assert train["settings"]["spatial"]["input_size"] == settings["spatial"]["input_size"]
    # The copy that the tests run from has the same code, and no commit.
    assert all(stage["code"] == code_digest(script_of(stage["rule"])) for stage in chain["stages"])
    assert len({stage["code"] for stage in chain["stages"]}) == len(
        {stage["rule"] for stage in chain["stages"]}
    )
    assert chain["commit"] is None and len(chain["package"]) == 64


def test_the_checkpoint_names_them_by_itself(tiny, chain):
    from mimamo.model.checkpoint import load_checkpoint

    checkpoint = load_checkpoint(tiny.results / "train/fold0/model.pt")
    assert checkpoint.features == {"appearance": chain["weights"]}
    assert checkpoint.origin == {"code": code_digest(PACKAGE / "training/loop.py")}


def test_nothing_of_the_machine_and_no_clock_is_in_it(tiny):
    texts = [
        tiny.results / "provenance.json",
        # The inventory belongs to a data set on this machine, and is not passed on.
        *(path for path in tiny.results.glob("*/*.json") if path.parent.name != "inventory"),
        tiny.results / "submission.json",
    ]
    assert len(texts) > 6
    for path in texts:
        assert not re.search(r'"[/~]|202\d-|\d\d:\d\d', path.read_text()), path
        assert str(tiny.folder) not in path.read_text()


# The command ----------------------------------------------------------------------------------------------


def test_the_command_tells_the_chain_last_stage_first(tiny, chain, capsys):
    status, out, err = told(capsys, tiny.results / "submission", "--full")
    assert status == 0 and not err
    assert f"random (seed 0), SHA-256 {chain['weights']['sha256']}" in out
    found = re.findall(r"^  (\w+)[ \w]*, code \w{16}$", out, re.MULTILINE)
    assert found[: len(LATE)] == LATE and set(found[len(LATE) :]) == {
        *MIDDLE,
        "folds",
        "labels",
        "caches",
        "features",
        "phase",
        "audit",
    }
    assert all(found.index("train") > found.index(rule) for rule in MIDDLE - {"train"})
    assert (
        "  changed\n" not in out
        and " 0 changed, 0 not found" in out
        and "not read" not in out
        and "epochs: 2" in out
    )
    made = [path for stage in chain["stages"] for path in stage["outputs"]]
    texts = [path for path in made if path.startswith("submission/per_video/")]
    assert f"made {len(texts)} files in submission/per_video  ok\n" in out and len(texts) > 5
    # Of a folder with many files of one stage there is one line.
    folders = [Counter(map(os.path.dirname, stage["outputs"])) for stage in chain["stages"]]
    counts = [count for of_stage in folders for count in of_stage.values()]
    assert out.count("  ok\n") == sum(1 if count > 5 else count for count in counts)


def test_who_reads_only_the_first_lines_gets_no_traceback(tiny):
    command = f"{sys.executable} -m mimamo provenance {tiny.results} | head -n 1"
    package = {"PYTHONPATH": str(PACKAGE.parent)}
    done = subprocess.run(command, shell=True, capture_output=True, text=True, env=os.environ | package)
    assert done.stdout.startswith("Caveat: rendered demo corpus") and done.stderr == ""


@pytest.mark.parametrize("target", ["submission/submission.zip", "filled.csv", "submission/per_video", "."])
def test_any_result_tells_its_chain(tiny, capsys, target):
    status, out, _ = told(capsys, tiny.results / target)
    assert status == 0 and "files in features  not read" in out


@pytest.mark.parametrize(
    "path",
    ["ensemble.csv", "submission/per_video/144.txt", "train/fold1/model.pt", "labels/102.csv", "audit.csv"],
)
def test_a_file_that_was_changed_is_told(results, capsys, path):
    (results / path).write_bytes((results / path).read_bytes() + b"\n")
    status, out, err = told(capsys, results / "submission")
    assert status == 1 and out
    assert err.count("ERROR") == 1 and Path(path).parts[0] in err


def test_changed_caches_are_told_where_they_are_read(results, capsys):
    cache = results / "features/105.npy"
    cache.write_bytes(cache.read_bytes()[:-1] + b"\x01")
    assert told(capsys, results / "submission")[0] == 0
    status, out, err = told(capsys, results / "submission", "--full")
    assert status == 1 and "features/105.npy: expected the bytes" in err
    assert re.search(r"features/105.npy  \w{16}  changed", out)


def test_what_was_removed_is_told_and_no_fault(results, capsys):
    shutil.rmtree(results / "phase")
    status, out, _ = told(capsys, results / "submission", "--full")
    assert status == 0 and "files in phase  gone" in out


def test_a_submission_elsewhere_is_known_by_its_bytes(results, tmp_path, capsys):
    copy = tmp_path / "elsewhere" / "mine.zip"
    copy.parent.mkdir()
    shutil.copy(results / "submission/submission.zip", copy)
    assert told(capsys, copy, "--chain", results / "provenance.json")[0] == 0
    copy.write_bytes(copy.read_bytes() + b"x")
    status, _, err = told(capsys, copy, "--chain", results / "provenance.json")
    assert status == 1 and "mine.zip: expected a file or folder of this chain" in err


@pytest.mark.parametrize(
    "content", ["", "[]", "{}", '{"stages": 3}', '{"stages": [{"rule": "a"}], "weights": 1}']
)
def test_a_chain_that_is_none_is_one_sentence(tmp_path, capsys, content):
    (tmp_path / "provenance.json").write_text(content)
    status, out, err = told(capsys, tmp_path)
    assert status == 1 and not out and err.count("\n") == 1
    assert "provenance.json: expected the chain that the workflow writes" in err


def test_no_chain_and_no_file_are_one_sentence(tmp_path, capsys):
    assert "expected provenance.json in its folder" in told(capsys, tmp_path)[2]
    assert "found nothing there" in told(capsys, tmp_path / "nowhere")[2]


# The rule -------------------------------------------------------------------------------------------------


def test_a_broken_link_is_no_chain(results, monkeypatch):
    monkeypatch.chdir(results.parent)
    record = Path("results/test_predictions/fold0.json")
    content = json.loads(record.read_text())
    content["outputs"]["results/test_predictions/fold0.csv"] = "0" * 64
    record.write_text(json.dumps(content))
    with pytest.raises(
        InputError, match=r"test_predictions/fold0\.csv: expected the bytes that ensemble read"
    ) as error:
        join(Path("results"))
    assert "\n" not in str(error.value)


def test_features_of_two_weights_are_no_chain(results, monkeypatch):
    monkeypatch.chdir(results.parent)
    record = Path("results/features/144.json")
    content = json.loads(record.read_text())
    record.write_text(json.dumps({**content, "weights": {**content["weights"], "sha256": "1" * 64}}))
    with pytest.raises(InputError, match="found sha256 1111"):
        join(Path("results"))


def test_the_commit_is_named_where_the_code_is_of_one(repo, results, tmp_path):
    """In a repository of its own: an edit of a module counts, and one of the documents does not."""
    copy = copy_workflow(repo, tmp_path / "clone")

    def git(*arguments: str) -> str:
        who = ["-c", "user.name=a", "-c", "user.email=a@b"]
        command = ["git", "-C", str(copy), *who, *arguments]
        return subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip()

    def commit_told() -> tuple[str | None, bool, set]:
        done = subprocess.run(
            [sys.executable, CHAIN_SCRIPT],
            cwd=results.parent,
            env=environment(copy),
            capture_output=True,
            check=True,
        )
        chain = json.loads(done.stdout)
        return chain["commit"], chain["changed"], {stage["commit"] for stage in chain["stages"]}

    git("init", "-q")
    (copy / ".gitignore").write_text("__pycache__/\n")
    git("add", ".")
    git("commit", "-qm", "one")
    head = git("rev-parse", "HEAD")
    assert commit_told() == (head, False, {head})
    (copy / "NOTES.md").write_text("A document.\n")
    assert commit_told() == (head, False, {head})
    module = copy / "workflow/mimamo/postprocessing/gaps.py"
    module.write_text(module.read_text() + "\n# Edited.\n")
    assert commit_told() == (head, True, {None})
    git("commit", "-qam", "two")
    commit, changed, of_stages = commit_told()
    # The results were made before that edit, which concerns some of the stages.
    assert (commit, changed, of_stages) == (git("rev-parse", "HEAD"), False, {commit, None})
