"""Notes on labels: of single names, of names that have the same labels, and of the corpus as a whole."""

import pytest

from mimamo.audit.label_checks import CHECKS, COARSE, CONSTANT, IDENTICAL, LAYOUT, POSITIVE, ZERO
from mimamo.audit.tables import build_table, read_audit
from mimamo.storage.files import write_csv
from support.bad_corpora.case import NEIGHBOURS, SETTINGS, TRAIN, VICTIM, another_name, good_corpus, lines
from support.corpus import DATA, write_text
from support.doctor import diagnose

LABELLED = {VICTIM: "train"} | {name: kind for name, kind in NEIGHBOURS.items() if kind != "test"}


@pytest.fixture
def root(tmp_path):
    return good_corpus(tmp_path / "corpus")


def annotate_all(root, *texts: str) -> None:
    """Give every labelled name a file; the last of them to all that are left."""
    for place, (name, subset) in enumerate(LABELLED.items()):
        write_text(root / DATA[subset] / f"{name}.txt", texts[min(place, len(texts) - 1)])


def notes(found, name: str) -> list[tuple[str, str]]:
    """Give check and frames of the notes on labels of a name; of the corpus for ""."""
    rows = found.doctor[(found.doctor["name"] == name) & found.doctor["check"].isin(CHECKS)]
    assert set(rows["severity"]) <= {"note"}
    return list(zip(rows["check"], rows["frames"], strict=True))


def rows_of(form: str) -> list[str]:
    """Give an annotation for each labelled name, its lines made from the name's place and the line's."""
    return [
        "valence,arousal\n" + "".join(form.format(a=place, b=line) + "\n" for line in range(6))
        for place in range(len(LABELLED))
    ]


@pytest.mark.parametrize(
    ("texts", "checks"),
    [
        (["valence,arousal\n" + "0,0\n" * 6], [ZERO]),
        (rows_of("0.{a},-0.5"), [CONSTANT]),
        (rows_of("0.{a},0.{b}"), [CONSTANT, POSITIVE]),
        (rows_of("0.{a}{b},0.{b}"), [POSITIVE]),
        ([lines(level=level).replace("e,a", "e, A") for level in (0.3, 0.4, 0.5)], [LAYOUT]),
        ([lines()], [IDENTICAL]),
        (["valence,arousal\n" + "0,0.5\n-0.5,1\n" * 3], [COARSE, IDENTICAL]),
    ],
)
def test_what_all_names_share_is_told_once(root, tmp_path, texts, checks):
    annotate_all(root, *texts)
    found = diagnose(root, tmp_path / "results", SETTINGS)
    assert [check for check, _ in notes(found, "")] == checks
    assert "the like in all 3 annotated names; " in found.said("")[0]
    assert not [note for name in LABELLED for note in notes(found, name)]
    assert found.page.count("the like in all 3 annotated names") == len(checks)


def test_what_some_names_share_is_told_of_each(root, tmp_path):
    annotate_all(root, "valence,arousal\n" + "0,0\n" * 6, "valence,arousal\n" + "0,0\n" * 7, lines())
    found = diagnose(root, tmp_path / "results", SETTINGS)
    assert notes(found, VICTIM) == [(ZERO, "1-6")] and notes(found, "video9") == [(ZERO, "1-7")]
    assert not notes(found, "") and not notes(found, "8-30-640x360")
    assert "expected labels that change, found 0 for both" in found.page


def test_the_same_labels_of_three_names_are_told_of_each(root, tmp_path):
    for name in ("12", "13"):
        another_name(name)(root)
        (root / TRAIN / f"{name}.txt").write_text(lines().replace("\n", "\r\n"))
    found = diagnose(root, tmp_path / "results", SETTINGS)
    assert {name: notes(found, name) for name in ("12", "13", VICTIM, "video9")} == {
        "12": [(IDENTICAL, "1-6")],
        "13": [(IDENTICAL, "1-6")],
        VICTIM: [(IDENTICAL, "1-6")],
        "video9": [],
    }
    (said,) = [said for said in found.said("13") if "its own" in said]
    assert "expected labels of its own, found those of '12' and 1 other;" in said


def test_a_digest_stays_text(tmp_path):
    rows = [{"name": "7", "label_digest": "sha256:1234567890123456"}, {"name": "8"}]
    write_csv(build_table(rows), tmp_path / "audit.csv")
    assert read_audit(tmp_path / "audit.csv")["label_digest"].tolist() == ["sha256:1234567890123456", ""]
