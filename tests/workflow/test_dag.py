"""What would be run, and what is said where nothing can be: dry runs through the command line."""

import os
import re

import pytest
import yaml

from mimamo.estimate.plan import local_rules
from support.paths import TINY
from support.skeleton import TEST_LIST, make_skeleton
from support.workflow import Run, inputs, jobs, snakemake

PRESET = "presets/affwild2.yaml"


@pytest.fixture(scope="module")
def big(tmp_path_factory):
    """A skeleton of Aff-Wild2 with 600 names, and these names by subset."""
    folder = tmp_path_factory.mktemp("big") / "Aff-Wild2"
    folder.mkdir()
    return folder, make_skeleton(folder, 600)


@pytest.fixture(scope="module")
def everything(checkout, tiny, tmp_path_factory) -> Run:
    """A dry run of all jobs of the demo."""
    folder = tmp_path_factory.mktemp("everything")
    run = snakemake(checkout, folder, "--configfile", TINY, "--dry-run", "--forceall")
    assert run.status == 0, run.text[-4000:]
    return run


def sentence(run: Run) -> str:
    """The one line with which a run gives up, after what Snakemake itself says and before any job."""
    assert run.status != 0, run.text
    lines = run.text.splitlines()
    said = [line for line in lines if re.search("error|exception|traceback|rule ", line, re.IGNORECASE)]
    assert said == lines[-1:] and said[0].startswith("Error: "), run.text
    return said[0].removeprefix("Error: ")


def test_truth_is_read_by_scores_traces_and_page_alone(everything):
    """The truth of the test names must reach neither training nor submission."""
    found = inputs(everything)
    assert len(found) > 15
    truth = {rule for rule, paths in found.items() if any("demo/truth" in path for path in paths)}
    # The page is the end of all data: nothing but a person reads it.
    assert truth == {"demo_scores", "demo_traces", "page"}
    assert not {rule for rule, paths in found.items() if any("identities" in path for path in paths)}
    # Nor a folder above them, and the corpus itself is another folder.
    above = {
        rule for rule, paths in found.items() if {"results/demo", "results"} & {p.rstrip("/") for p in paths}
    }
    assert not above
    assert "results/demo/corpus" in found["audit"] and "results/demo/truth" not in found["audit"]


def test_nothing_that_reads_the_truth_is_read_by_other_stages(everything):
    made = {"results/demo/scores.csv", "results/figures/test_traces.png"}
    found = inputs(everything)
    assert {rule for rule, paths in found.items() if made & paths} == {"all", "page"}
    assert {rule for rule, paths in found.items() if "results/report.html" in paths} == {"all"}


def test_no_other_module_knows_where_the_truth_is(checkout):
    """No parameter or code may reach what is not among the inputs."""
    words = re.compile(r"demo/truth|demo/identities|identities\.csv|parent / .truth")
    files = [*checkout.glob("rules/*.smk"), *checkout.glob("workflow/**/*.py"), checkout / "Snakefile"]
    knowing = {path.name for path in files if words.search(path.read_text())}
    # The benchmark's stand-in takes its labels from there; no rule imports it.
    assert knowing == {"demo.smk", "demo_scores.smk", "page.smk", "corpus.py"}
    assert not [path for path in checkout.glob("workflow/*.py") if "mimamo.bench" in path.read_text()]


def test_stages_follow_each_other(everything):
    """The data of one stage is the next one's input."""
    found = inputs(everything)
    chain = [
        ("labels", "results/audit.csv"), ("phase", "results/audit/batches/001.json"),
        ("features", "results/audit/batches/001.json"), ("folds", "results/labels"),
        ("caches", "results/phase/batches/001.json"), ("caches", "results/features/batches/002.json"),
        ("train", "results/folds.csv"), ("train", "results/caches/fitted.csv"),
        ("predict", "results/train/fold0/model.pt"), ("scores", "results/predictions/fold1.csv"),
        ("postprocessing", "results/predictions/fold1.csv"), ("ensemble", "results/ensemble_weights.csv"),
        ("ensemble", "results/test_predictions/fold0.csv"), ("comparison", "results/variants.csv"),
        ("gaps", "results/ensemble.csv"),
        ("submission", "results/filled.csv"), ("all", "results/submission_check.csv"),
    ]  # fmt: skip
    assert [(rule, path) for rule, path in chain if path not in found[rule]] == []


def test_preset_plans_600_names_with_few_jobs(checkout, big, tmp_path):
    root, _ = big
    run = snakemake(
        checkout, tmp_path, "--configfile", checkout / PRESET, "--config", f"root={root}", "--dry-run"
    )
    assert run.status == 0, run.text[-4000:]
    count = jobs(run)
    submitted = {rule: jobs for rule, jobs in count.items() if rule not in local_rules(checkout) | {"all"}}
    print(f"{sum(count.values())} jobs for 600 names, of which {sum(submitted.values())} are submitted")
    assert {"audit", "train"} <= set(submitted) and not {"folds", "gaps", "weights"} & set(submitted)
    assert sum(submitted.values()) < sum(count.values()) < 150
    assert count["audit"] == count["phase"] == count["features"] == 25
    assert count["train"] == count["predict"] == count["predict_test"] == 5
    assert not {"demo", "demo_scores", "demo_traces"} & set(count)
    # The dates of the data set's files decide nothing, so they are no inputs.
    assert not [path for paths in inputs(run).values() for path in paths if path.startswith(str(root))]
    # Nothing is written into the data set, and a dry run writes no results.
    assert not (tmp_path / "results").exists() and not (root / "results").exists()


def test_both_protocols_share_everything_up_to_the_folds(checkout, tmp_path):
    run = snakemake(checkout, tmp_path, "--configfile", TINY, "--config", "protocol=both", "--dry-run")
    count = jobs(run)
    assert (count["train"], count["predict"], count["folds"], count["scores"]) == (4, 4, 2, 2)
    assert (count["phase"], count["features"], count["labels"], count["ensemble"]) == (3, 3, 1, 1)
    found = inputs(run)
    assert {"results/scores.csv", "results/official/scores.csv"} <= found["comparison"]
    assert {"results/folds.csv", "results/official/folds.csv"} <= found["train"]
    # Prices of gaps come from the names that nothing was fitted on.
    assert "results/official/folds.csv" in found["gap_prices"]


def test_ablations_train_each_variant_on_the_same_folds(checkout, tiny):
    run = snakemake(checkout, tiny.folder, "--configfile", TINY, "--dry-run", "ablations")
    assert run.status == 0, run.text[-4000:]
    count = jobs(run)
    # The configured run is one of the seven variants, and it is there already.
    assert count["train"] == count["predict"] == 6 * 2
    assert not {"demo", "audit", "labels", "phase", "features", "folds"} & set(count)
    folds = {path for path in inputs(run)["train"] if path.endswith("folds.csv")}
    assert folds == {"results/folds.csv"}


def test_jobs_that_can_use_a_gpu_ask_for_one(everything):
    asking = {
        rule
        for rule, block in re.findall(
            r"^(?:local)?rule (\w+):\n((?: +\S.*\n)+)", everything.text, re.MULTILINE
        )
        if re.search(r"resources: .*\bgpu=1\b", block)
    }
    assert asking == {"features", "train", "predict", "predict_test"}


def test_a_run_gets_the_threads_and_gpus_that_it_asks_for(checkout, tmp_path):
    given = "runs={wide: {training: {threads: 3, gpus: 2}}}"
    files = [f"results/runs/wide/{path}" for path in ("train/fold0/model.pt", "test_predictions/fold0.csv")]
    # A job gets no more threads than Snakemake has.
    options = ["--configfile", TINY, "--config", given, "--dry-run"]
    run = snakemake(checkout, tmp_path / "run", *files, *options, cores=4)
    assert run.status == 0, run.text[-4000:]
    asked = {
        rule: (re.search(r"threads: (\d+)", block)[1], re.search(r"\bgpu=(\d+)", block)[1])
        for rule, block in re.findall(r"^rule (train|predict_test):\n((?: +\S.*\n)+)", run.text, re.MULTILINE)
    }
    assert asked == {"train": ("3", "2"), "predict_test": ("3", "1")}


def test_finished_run_has_nothing_to_do(checkout, tiny):
    run = snakemake(checkout, tiny.folder, "--configfile", TINY)
    assert run.status == 0, run.text[-4000:]
    assert "Nothing to be done" in run.text and not run.said("rule") and not run.said("localrule")


def test_editing_a_module_reruns_what_stands_on_it_and_touching_does_not(editable_checkout, tiny):
    module = editable_checkout / "workflow/mimamo/postprocessing/gaps.py"
    module.touch()
    touched = snakemake(editable_checkout, tiny.folder, "--configfile", TINY, "--dry-run")
    module.write_text(module.read_text() + "\n# Edited.\n")
    # As a copy that keeps dates leaves it.
    os.utime(module, (1, 1))
    edited = snakemake(editable_checkout, tiny.folder, "--configfile", TINY, "--dry-run")
    assert touched.status == 0 and "Nothing to be done" in touched.text, touched.text
    again = set(jobs(edited))
    assert {"gaps", "submission", "demo_scores"} <= again
    assert (
        not {"demo", "audit", "labels", "phase", "features", "folds", "train", "predict", "ensemble"} & again
    )


def test_editing_the_page_makes_nothing_but_the_page_anew(editable_checkout, tiny):
    for name, mark in (("template/page.css", "/* Edited. */"), ("charts.py", "# Edited.")):
        path = editable_checkout / "workflow/mimamo/page" / name
        path.write_text(f"{path.read_text()}\n{mark}\n")
    run = snakemake(editable_checkout, tiny.folder, "--configfile", TINY, "--dry-run")
    assert set(jobs(run)) == {"page", "all"}, run.text


def test_another_setting_reruns_what_it_concerns(checkout, tiny):
    run = snakemake(
        checkout, tiny.folder, "--configfile", TINY, "--config", "gaps={policy: previous}", "--dry-run"
    )
    again = set(jobs(run))
    assert {"gaps", "submission", "demo_scores"} <= again
    assert not {"demo", "audit", "labels", "train", "predict", "ensemble"} & again


def test_settings_of_speed_alone_make_nothing_anew(checkout, tiny):
    entries = ["training={threads: 2, save_every: 7}", "spatial={batch_size: 5, cache: elsewhere}"]
    run = snakemake(checkout, tiny.folder, "--configfile", TINY, "--config", *entries, "--dry-run")
    assert run.status == 0 and "Nothing to be done" in run.text, run.text[-4000:]


def test_missing_root_is_told_in_a_sentence(checkout, tmp_path):
    run = snakemake(checkout, tmp_path, "--config", f"root={tmp_path / 'nowhere'}")
    assert sentence(run) == (
        f"{tmp_path / 'nowhere'}: expected the data set's folder, found nothing there; set root to its path."
    )
    assert not (tmp_path / "results").exists()


def test_preset_without_a_root_is_told_in_a_sentence(checkout, tmp_path):
    said = sentence(snakemake(checkout, tmp_path, "--configfile", checkout / PRESET, "--dry-run"))
    assert said.startswith("/path/to/Aff-Wild2: expected the data set's folder") and "set root" in said


def test_unknown_key_on_the_command_line_is_told_in_a_sentence(checkout, tmp_path):
    run = snakemake(checkout, tmp_path, "--config", "training={epoch: 3}", "--dry-run")
    said = sentence(run)
    assert said == "Configuration: there is no key training.epoch; did you mean training.epochs?"


def test_bad_line_of_the_test_list_is_told_with_its_file_and_number(checkout, big, tmp_path):
    root, names = big
    bad = tmp_path / "list.txt"
    bad.write_text("\n".join([*names["test"][:3], "../elsewhere", *names["test"][3:]]))
    settings = tmp_path / "settings.yaml"
    settings.write_text(yaml.safe_dump({"root": str(root), "data": {"test_list": str(bad)}}))
    run = snakemake(checkout, tmp_path / "run", "--configfile", checkout / PRESET, settings, "--dry-run")
    said = sentence(run)
    assert said.startswith(f"{bad}, line 4: expected a name") and "'../elsewhere'" in said
    assert (root / TEST_LIST).is_file()


def test_missing_test_list_is_told_in_a_sentence(checkout, big, tmp_path):
    root, _ = big
    arguments = ["--config", f"root={root}", "data={test_list: gone.txt}", "--dry-run"]
    said = sentence(snakemake(checkout, tmp_path, "--configfile", checkout / PRESET, *arguments))
    assert said.startswith(f"{root}/gone.txt: expected a text file, found nothing there; set data.test_list")
