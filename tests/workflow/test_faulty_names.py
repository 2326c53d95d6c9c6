"""A corpus with faults of single names: each costs its own name, and no other."""

import shutil

import pytest
import yaml

from mimamo.demo.cast import ANNOTATIONS, CROPS, TEST_LIST
from support.paths import TINY
from support.results import FITTED, table
from support.workflow import Run, snakemake


@pytest.fixture(scope="module")
def faulty(checkout, tiny, tmp_path_factory) -> Run:
    """The demo's corpus taken for a real data set, with faults of four names."""
    root = tmp_path_factory.mktemp("faulty") / "corpus"
    shutil.copytree(tiny.results / "demo/corpus", root)
    annotations = root / ANNOTATIONS["train"]
    header = annotations / "102.txt"
    header.write_text(header.read_text().replace("valence,arousal", "valence,mood", 1))
    number = (annotations / "105.txt").read_text().splitlines()
    number[4] = "0.1,high"
    (annotations / "105.txt").write_text("\n".join(number))
    for crop in (root / CROPS / "336").iterdir():
        crop.unlink()
    with (root / TEST_LIST).open("a") as names:
        names.write("nowhere\n")
    run = snakemake(checkout, root.parent / "run", *arguments_of(root))
    assert run.status == 0, run.text[-4000:]
    return run


def arguments_of(root, **settings) -> list[object]:
    file = root.parent / "faulty.yaml"
    file.write_text(yaml.safe_dump({"root": str(root), **settings}))
    targets = ["results/audit.csv", "results/labels_summary.csv"]
    return [*targets, "--configfile", TINY, file]


FAULTS = {
    "102": "VA_Set/Training_Set/102.txt, line 1: expected",
    "105": "VA_Set/Training_Set/105.txt, line 5: expected",
    "336": "cropped_aligned/336: expected crops",
    "nowhere": "nowhere: expected a folder of crops in cropped_aligned, found none",
}


def test_a_fault_makes_one_name_unusable_and_is_told_twice(faulty):
    audit = table(faulty.results, "audit.csv").set_index("name")
    unusable = audit.query("verdict == 'unusable'")
    # video89 is one of the demo's own traps.
    assert sorted(unusable.index) == sorted([*FAULTS, "video89"])
    for name, beginning in FAULTS.items():
        reason = audit.loc[name, "reason"]
        assert reason.startswith(beginning) and ";" in reason, reason
        assert f"WARNING {name} is unusable. {reason}" in faulty.text


def test_a_fault_stops_no_other_name(faulty):
    summary = table(faulty.results, "labels_summary.csv").set_index("name")
    good = set(FITTED) - set(FAULTS)
    assert {path.stem for path in (faulty.results / "labels").glob("*.csv")} == good
    assert (summary.loc[sorted(good), "kept"] > 0).all()
    assert summary.loc[["102", "105", "336"], "note"].notna().all()
    audit = table(faulty.results, "audit.csv").set_index("name")
    assert set(audit.loc[sorted(good), "verdict"]) == {"ok", "repaired"}


def test_strict_stops_with_a_sentence_that_names_them(checkout, faulty):
    root = faulty.folder.parent / "corpus"
    run = snakemake(checkout, faulty.folder, *arguments_of(root, strict=True))
    assert run.status != 0 and "Traceback" not in run.text
    told = run.said("Error: With strict: true every name must be usable, but 5 names of 26 cannot be used: ")
    assert len(told) == 1
    for name in [*FAULTS, "video89"]:
        assert name in told[0].partition("used: ")[2]
