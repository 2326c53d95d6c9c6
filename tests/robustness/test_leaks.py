"""Nothing of the names that are scored is in what scores them, shown by changing them and comparing bytes."""

import shutil
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import torch
from hypothesis import HealthCheck, Phase, assume, given, settings
from hypothesis import strategies as st

from mimamo.audit.survey import subsets
from mimamo.corpus.layout import person_group, video_of
from mimamo.dataset.features import open_features
from mimamo.dataset.folds import write_folds
from mimamo.dataset.labels import read_labels
from mimamo.errors import InputError
from mimamo.evaluation.baseline import fit_fold
from mimamo.model.checkpoint import load_checkpoint
from mimamo.postprocessing.gaps import label_means
from mimamo.storage.files import read_csv, write_csv
from mimamo.streams import PAPER
from mimamo.training.loop import train_fold
from support.configuration import merged
from support.corpus import corpus_at, make_folders, write_annotation
from support.fold import caches, make_fold, train_small
from support.paths import TINY
from support.tables import write_audit, write_label_table
from support.threads import single_threaded

# Who is on which side.


def check_sides(folds: pd.DataFrame, what: dict[str, object]) -> None:
    """No thing that names have is on two sides of a fold; names that are left out are on none."""
    known = folds.assign(thing=folds["name"].map(what)).dropna(subset="thing").query("role != 'left_out'")
    sides = known.groupby(["fold", "thing"])["role"].nunique()
    assert (sides == 1).all(), sides[sides > 1]


VIDEOS = st.one_of(
    *(st.integers(1, 6).map(form.format) for form in ("video{}", "{}", "{}-30-640x360", "odd{}"))
)
PARTS, SIDES = st.sampled_from(["", "-1", "-2", "_3"]), st.sampled_from(["", "_left", "_right"])
NAMES = st.builds("{}{}{}".format, VIDEOS, PARTS, SIDES)
GROUPS, CONTAINERS = st.sampled_from([*[None] * 4, "a", "b"]), st.sampled_from([*[""] * 6, "x.mp4"])
CORPORA = st.dictionaries(
    NAMES,
    # Frames, the user's group where there is one, and a container where another name's is shared.
    st.tuples(st.integers(1, 30), GROUPS, CONTAINERS),
    min_size=14,
    max_size=24,
)


PATIENT = {"suppress_health_check": [HealthCheck.filter_too_much, HealthCheck.too_slow]}


# Without shrinking, which takes minutes and makes nothing plainer here.
@settings(max_examples=15, phases=[Phase.explicit, Phase.generate], **PATIENT)
@given(corpus=CORPORA, protocol=st.sampled_from(["merged", "official"]))
def test_no_person_partner_or_container_is_on_two_sides(tmp_path_factory, corpus, protocol):
    root = tmp_path_factory.mktemp("sides")
    rng = np.random.default_rng(0)
    rows = []
    for number, (name, (frames, group, container)) in enumerate(sorted(corpus.items())):
        rows.append({
            "name": name, "subset": ["train", "train", "validation"][number % 3],
            "group": group or person_group(name), "container": container or f"{video_of(name)}.mp4",
        })  # fmt: skip
        table = pd.DataFrame(rng.uniform(-1, 1, (frames, 2)), columns=["valence", "arousal"])
        write_label_table(root, name, table.assign(frame=range(1, frames + 1)))
    write_audit(root / "audit.csv", rows)
    try:
        write_folds(root / "audit.csv", root / "labels", root / "folds.csv", 2, 0.3, protocol)
    except InputError as error:
        assert "group" in str(error) or "validation" in str(error)
        assume(False)
    folds, audit = read_csv(root / "folds.csv"), pd.DataFrame(rows).set_index("name")
    shutil.rmtree(root)
    assert set(folds["name"]) == set(corpus)
    for what in (audit["group"], audit["container"], pd.Series({name: video_of(name) for name in corpus})):
        check_sides(folds, what.to_dict())


def test_no_person_partner_or_container_of_the_demo_is_on_two_sides(tiny):
    folds = read_csv(tiny.results / "folds.csv")
    audit = read_csv(tiny.results / "audit.csv").set_index("name")
    identities = read_csv(tiny.results / "demo/identities.csv").set_index("name")["identity"]
    for what in (identities, audit["group"], audit["container"]):
        check_sides(folds, what.dropna().to_dict())
    partners = audit["partner"].dropna()
    assert len(partners) > 1
    check_sides(folds, {name: " ".join(sorted([name, partner])) for name, partner in partners.items()})


# What a fold is trained on.


def spoil(root: Path, name: str) -> None:
    """Make labels and inputs of a name into others, and its features such as nobody can read."""
    labels = root / "labels" / f"{name}.csv"
    if labels.exists():
        write_csv(read_csv(labels)[::-1].assign(valence=0.9, arousal=-0.9), labels)
    for part in ("phase", "features"):
        for path in (root / part).rglob(f"{name}.npy"):
            path.write_bytes(b"no cache")


@pytest.fixture(scope="module")
def small(tmp_path_factory):
    """A fold of five names, and what is trained on it with one thread."""
    root = tmp_path_factory.mktemp("small")
    make_fold(root / "fold")
    return root / "fold", trained(root / "fold", root / "out")


def trained(fold: Path, out: Path) -> dict[str, bytes]:
    with single_threaded():
        train_small(fold, out, epochs=2)
    return {name: (out / name).read_bytes() for name in ("model.pt", "history.csv")}


def test_scored_and_test_names_do_not_move_a_byte_of_the_model(small, tmp_path):
    fold, before = small
    shutil.copytree(fold, tmp_path / "fold")
    spoil(tmp_path / "fold", "e")
    # A test name has caches and, where somebody made them, labels.
    for part in ("phase/t.npy", "features/t.npy", "labels/t.csv"):
        (tmp_path / "fold" / part).write_bytes(b"not to be opened")
    assert trained(tmp_path / "fold", tmp_path / "out") == before


def test_names_of_the_training_side_do_move_it(small, tmp_path):
    """What the test before this one would see."""
    fold, before = small
    shutil.copytree(fold, tmp_path / "fold")
    for name in ("a", "d"):
        path = tmp_path / "fold/labels" / f"{name}.csv"
        write_csv(read_csv(path).assign(valence=lambda table: -table["valence"]), path)
        after = trained(tmp_path / "fold", tmp_path / f"out{name}")
        assert after["history.csv"] != before["history.csv"]


def test_pool5_is_standardised_by_names_that_are_trained_on_alone(small, tmp_path):
    """Not even by those that early stopping looks at."""
    fold, _ = small
    shutil.copytree(fold, tmp_path / "fold")
    for number, letter in enumerate("de"):
        # Caches of other values, as those of the name a.
        for part in ("phase", "features"):
            shutil.copy(fold / part / f"{'ab'[number]}.npy", tmp_path / "fold" / part / f"{letter}.npy")
    trained(tmp_path / "fold", tmp_path / "out")
    networks = [load_checkpoint(path / "out/model.pt").network for path in (fold.parent, tmp_path)]
    for buffer in ("mean", "spread"):
        first, second = (getattr(network.spatial, buffer) for network in networks)
        assert torch.equal(first, second) and first.std() > 0


def test_demo_fold_is_trained_without_its_scored_names_and_the_test_names(tiny, tmp_path, repo):
    """On the files of the real run, whose names of those roles are made unreadable."""
    folds, audit = read_csv(tiny.results / "folds.csv"), read_csv(tiny.results / "audit.csv")
    root = tmp_path / "results"
    for part in ("labels", "phase", "features"):
        shutil.copytree(tiny.results / part, root / part)
    scored = set(folds[(folds["fold"] == 0) & (folds["role"] == "score")]["name"])
    tests = set(audit[audit["subset"] == "test"]["name"])
    assert scored and tests and not tests & set(folds["name"])
    for name in scored | tests:
        spoil(root, name)
    config = merged(repo / "config.yaml", TINY)
    with single_threaded():
        train_fold(
            fold=0,
            folds_csv=tiny.results / "folds.csv",
            labels_folder=root / "labels",
            caches=caches(root),
            network=config["network"],
            training=config["training"],
            spatial=config["spatial"],
            streams=PAPER,
            checkpoint=tmp_path / "model.pt",
            history=tmp_path / "history.csv",
            state=tmp_path / "state",
        )
    assert (tmp_path / "history.csv").read_bytes() == (tiny.results / "train/fold0/history.csv").read_bytes()
    # Not the bytes of the file: where a job's settings come from shows in how they are packed.
    ours, theirs = (load_checkpoint(path / "model.pt") for path in (tmp_path, tiny.results / "train/fold0"))
    weights = theirs.network.state_dict()
    assert weights.keys() == ours.network.state_dict().keys() and ours.epoch == theirs.epoch
    assert all(torch.equal(value, weights[name]) for name, value in ours.network.state_dict().items())


def test_demo_predictions_are_those_of_networks_that_never_saw_the_name(tiny):
    folds, audit = read_csv(tiny.results / "folds.csv"), read_csv(tiny.results / "audit.csv")
    tests = set(audit[audit["subset"] == "test"]["name"])
    for fold, roles in folds.groupby("fold"):
        folders = ("predictions", "test_predictions")
        predicted = [read_csv(tiny.results / folder / f"fold{fold}.csv") for folder in folders]
        found = {role: set(part["name"]) for table in predicted for role, part in table.groupby("role")}
        wanted = {role: set(part["name"]) for role, part in roles.groupby("role")}
        assert found["score"] == wanted["score"] and found["test"] <= tests
        assert not (found["score"] | found["test"]) & (wanted["train"] | wanted["stop"])
    assert tests and not {path.stem for path in (tiny.results / "labels").iterdir()} & tests


def test_a_test_name_with_an_annotation_is_refused(tmp_path):
    """It is in two sets then, and nobody can say which was meant."""
    root = make_folders(tmp_path, ["105", "106"])
    write_annotation(root, "105", [(0, 0)] * 3)
    write_annotation(root, "7", [(0, 0)] * 3, "validation")
    with pytest.raises(InputError, match="expected every name in one subset only, found '105' in test and"):
        subsets(corpus_at(root))


# What else is fitted; ensemble weights and smoothing are in tests/postprocessing/test_fit.py.


def test_the_baseline_of_a_fold_does_not_see_its_scored_names(small, tmp_path):
    fold, _ = small
    shutil.copytree(fold, tmp_path / "fold")
    spoil(tmp_path / "fold", "e")
    models = []
    for root in (fold, tmp_path / "fold"):
        labels = dict(iter(read_labels(root / "labels").groupby("name")))
        features = open_features(labels, root / "features")
        models.append(fit_fold(read_csv(root / "folds.csv"), features, labels))
    for first, second in zip(*(model.named_steps.values() for model in models), strict=True):
        for name, value in vars(first).items():
            assert np.array_equal(value, vars(second)[name]), name


def test_the_label_mean_does_not_see_names_that_are_held_out(small, tmp_path):
    fold, _ = small
    shutil.copytree(fold, tmp_path / "fold")
    table = read_csv(fold / "folds.csv")
    write_csv(table.assign(role=table["role"].replace("score", "validation")), tmp_path / "fold/folds.csv")
    before = label_means(tmp_path / "fold/labels", tmp_path / "fold/folds.csv")
    spoil(tmp_path / "fold", "e")
    assert label_means(tmp_path / "fold/labels", tmp_path / "fold/folds.csv") == before
