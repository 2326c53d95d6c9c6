"""What is typed on the command line, and what is refused before the first job: dry runs."""

import re

import pytest

from support.skeleton import TEST_LIST, make_skeleton
from support.workflow import jobs, snakemake


@pytest.fixture(scope="module")
def corpus(tmp_path_factory):
    """A skeleton of a data set with 60 names, which no test changes."""
    folder = tmp_path_factory.mktemp("corpus") / "Aff-Wild2"
    folder.mkdir()
    make_skeleton(folder, 60)
    return folder


@pytest.fixture
def dry_run(checkout, tmp_path):
    """Return a function that plans a run with these entries of --config."""

    def run(*entries: str):
        arguments = ["--dry-run", "--config", *entries]
        return snakemake(checkout, tmp_path, *arguments)

    return run


def test_typed_values_of_every_type_are_taken(dry_run, corpus):
    other = "spatial={backbone: convnext_tiny, weights: imagenet, input_size: null, resize: null}"
    run = dry_run(f"root={corpus}", other, "training={epochs: 2, learning_rate: 3e-3}", "strict=true")
    assert run.status == 0, run.text[-4000:]
    assert jobs(run)["train"] == 5


# One of each check that a run makes. What else the checks of the settings refuse, in the same sentences:
# tests/test_config_text.py and tests/features/test_settings.py.
@pytest.mark.parametrize(
    ("entry", "refusal"),
    [
        ("training={epochs: two}", r"training\.epochs is 'two', expected integer, for example --config .*"),
        ("spatial={backbone: vit_b_16}", r"spatial\.input_size should be one that vit_b_16 takes and is 112"),
        ("spatial={weights: nowhere.pth}", r"nowhere\.pth should be a file of weights, found nothing there"),
        ("training={window: 81}", r"training\.window is 81, expected at most 80: no annotated video"),
        ("folds={count: 50}", r"folds\.count is 50, which needs at least 52 groups of people"),
        ("network={head: lstm}", r"network\.head is 'lstm', expected one of gru, tcn, transformer, none"),
        # Of a run, with its name.
        ("runs={x: {spatial: {backbone: nope}}}", r"Run x: spatial\.backbone should be the name of one of"),
        ("runs={x: {spatial: {weights: nowhere.pth}}}", r"Run x: nowhere\.pth should be a file of weights"),
        ("runs={x: {training: {window: 81}}}", r"Run x: Configuration: training\.window is 81, expected at"),
        ("runs={x: {folds: {count: 50}}}", r"Run x: Configuration: folds\.count is 50, which needs at least"),
    ],
)
def test_what_cannot_work_is_refused_before_the_first_job(dry_run, corpus, entry, refusal):
    run = dry_run(f"root={corpus}", entry)
    assert run.status == 1 and not run.said("rule")
    assert re.search(f"^Error: .*{refusal}", run.text, re.MULTILINE), run.text
    assert "Traceback" not in run.text


def test_window_longer_than_every_clip_of_the_demo_is_refused(dry_run):
    run = dry_run("training={window: 5000}")
    assert run.status == 1
    assert re.search(r"^Error: .*training\.window is 5000, expected at most \d+:", run.text, re.MULTILINE)


def test_a_single_name_of_unknown_length_is_refused(dry_run, corpus, tmp_path):
    """All trainings would run before the submission finds that it cannot be complete."""
    names = (corpus / TEST_LIST).read_text().split()
    listed, lengths = tmp_path / "list.txt", tmp_path / "lengths.txt"
    listed.write_text("\n".join([*names, "nowhere"]))
    run = dry_run(f"root={corpus}", f"data={{test_list: {listed}}}")
    assert run.status == 1 and not run.said("rule")
    (said,) = run.said("Error: ")
    assert "found 1 without any of them, the first 'nowhere'" in said and "data.frame_list" in said
    lengths.write_text("nowhere 10\n")
    assert dry_run(f"root={corpus}", f"data={{test_list: {listed}, frame_list: {lengths}}}").status == 0


def test_list_without_one_known_name_is_refused(dry_run, corpus, tmp_path):
    listed = tmp_path / "list.txt"
    names = (corpus / TEST_LIST).read_text().split()
    listed.write_text("".join(f"{name}.face\n" for name in names))
    run = dry_run(f"root={corpus}", f"data={{test_list: {listed}}}")
    assert run.status == 1 and not run.said("rule")
    (said,) = run.said("Error: ")
    assert f"{len(names)} names of which none has crops" in said
    assert re.search(r"if '(.+)' is meant by '\1\.face'", said), said


def test_list_with_header_and_suffixes_is_planned_as_names(dry_run, corpus, tmp_path):
    listed = tmp_path / "list.txt"
    names = (corpus / TEST_LIST).read_text().split()
    listed.write_text("video_name\n" + "".join(f"{name}.mp4 \n" for name in names))
    run = dry_run(f"root={corpus}", f"data={{test_list: {listed}}}")
    assert run.status == 0, run.text[-4000:]
    assert "video_name" not in run.text and ".mp4" not in run.text


def test_numbers_of_a_configuration_file_are_numbers(checkout, tmp_path):
    """YAML reads 3e-3, which has no point, as text."""
    settings = tmp_path / "settings.yaml"
    settings.write_text("training: {learning_rate: 3e-3, weight_decay: '0.003', gamma: 3.0e-3}\n")
    run = snakemake(checkout, tmp_path, "--dry-run", "--configfile", settings)
    assert run.status == 0, run.text[-4000:]
    assert jobs(run)["train"] == 5
