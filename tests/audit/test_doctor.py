"""The doctor's table and page, and snakemake doctor where a run is refused."""

import re
import time
from html.parser import HTMLParser

import pytest
import yaml

from mimamo.audit.doctor import Diagnosis, NameEntry, log_diagnosis, write_page
from mimamo.audit.tables import shown_frames
from mimamo.errors import InputError
from support.bad_corpora.case import (
    CROPS,
    DATA,
    SETTINGS,
    TRAIN,
    VICTIM,
    another_name,
    crop,
    good_corpus,
    lines,
    picture,
)
from support.doctor import diagnose
from support.paths import TINY
from support.workflow import snakemake


@pytest.fixture
def root(tmp_path):
    return good_corpus(tmp_path / "corpus")


class Texts(HTMLParser):
    """The texts of a page's rows of names, its tags, and all attributes."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags, self.attributes, self.rows = [], [], []
        self.feed(page)

    def handle_starttag(self, tag, attributes):
        self.tags.append(tag)
        self.attributes += [(tag, key, value) for key, value in attributes]
        if tag == "tr":
            self.rows.append("")

    def handle_data(self, data):
        if self.rows:
            self.rows[-1] += data


def test_names_are_sorted_worst_first_in_table_and_page(root, tmp_path):
    (root / CROPS / "spare").mkdir()
    crop(root, 2, "video9").write_bytes(b"")
    for number in (1, 2):
        crop(root, number, "105").unlink()
    (root / TRAIN / f"{VICTIM}.txt").write_text(lines(line3="0,x"))
    found = diagnose(root, tmp_path / "results", SETTINGS)
    assert list(dict.fromkeys(found.doctor["name"])) == ["7", "video9", "spare", "105", "8-30-640x360"]
    rows = Texts(found.page).rows[1:]
    names = ["7", "video9", "spare", "105", "8-30-640x360"]
    assert all(row.startswith(name) for row, name in zip(rows, names, strict=True))
    assert "7.txt, line 3: expected two numbers" in rows[0] and "correct the line" in rows[0]
    assert "nothing" in rows[-1]


def test_totals_are_those_of_the_listed_names(root, tmp_path):
    (root / CROPS / "spare").mkdir()
    crop(root, 1, "spare").write_bytes(picture())
    for number in (1, 2, 3):
        crop(root, number, "105").unlink()
    page = diagnose(root, tmp_path / "results", SETTINGS).page
    totals = re.findall(r'<div class="what">(.*?)</div><div class="value[^>]*>(.*?)</div>', page)
    assert totals == [("names", "4"), ("ok", "4"), ("repaired", "0"), ("unusable", "0"), ("frames", "24")]
    assert "12.5 % without a usable crop" in page


def test_text_of_the_data_set_is_text_on_the_page(root, tmp_path):
    name = "<img src=x onerror=alert(1)>"
    another_name(name)(root)
    (root / TRAIN / f"{VICTIM}.txt").write_text(lines(line3="<script>alert(2)</script>,0"))
    page = diagnose(root, tmp_path / "results", SETTINGS).page
    texts, plain = Texts(page), Texts(diagnose(good_corpus(tmp_path / "other"), tmp_path, SETTINGS).page)
    assert "img" not in texts.tags and texts.tags.count("script") == plain.tags.count("script")
    assert any(name in row for row in texts.rows)
    assert any("<script>alert(2)</script>" in row for row in texts.rows)


def test_the_page_needs_nothing_else(root, tmp_path):
    page = diagnose(root, tmp_path / "results", SETTINGS).page
    texts = Texts(page)
    links = [value for _, key, value in texts.attributes if key in ("src", "href", "srcset", "action")]
    assert all(value.startswith("#") or value == "data:," for value in links)
    assert not {"iframe", "object", "img"} & set(texts.tags)
    assert "url(" not in page and "@import" not in page and "://" not in page
    assert "prefers-color-scheme: dark" in page and 'name="viewport"' in page


def test_six_hundred_names_are_quick_and_small(tmp_path):
    symptom = {
        "check": "c",
        "severity": "repair",
        "frames": "1-3 9",
        "wrong": "w" * 150,
        "done": "d",
        "remedy": "r",
    }
    entries = [
        NameEntry(
            {"name": f"video{n}", "subset": "train", "verdict": "repaired", "length": 9, "crops": 5},
            [symptom] * 3,
        )
        for n in range(600)
    ]
    began = time.process_time()
    write_page(Diagnosis(entries), tmp_path / "doctor.html", root="x", demo=False)
    assert time.process_time() - began < 5
    assert (tmp_path / "doctor.html").stat().st_size < 1_500_000


def test_what_most_names_need_comes_first():
    def entry(name, check, severity, remedy):
        symptom = {"check": check, "severity": severity, "remedy": remedy}
        return NameEntry({"name": name, "subset": "train", "verdict": "repaired"}, [symptom])

    diagnosis = Diagnosis(
        [
            entry("a", "rare", "repair", "x"),
            entry("b", "often", "repair", "y"),
            entry("c", "often", "repair", "z"),
            entry("d", "often", "repair", "z"),
            entry("e", "bad", "fault", "mend"),
            entry("f", "small", "note", "nothing"),
        ]
    )
    found = [(one["check"], one["names"], one["remedy"]) for one in diagnosis.advice]
    assert found == [("bad", ["e"], "mend"), ("often", ["b", "c", "d"], "z, or y"), ("rare", ["a"], "x")]


@pytest.mark.parametrize(
    ("ranges", "shown"),
    [
        ("", ""),
        ("2-5 9", "2–5, 9"),
        (
            " ".join(str(2 * n) for n in range(14)),
            ", ".join(str(2 * n) for n in range(12)) + " and 2 more ranges",
        ),
    ],
)
def test_frames_are_shown_as_ranges(ranges, shown):
    assert shown_frames(ranges) == shown


@pytest.mark.parametrize("strict", [False, True])
def test_the_diagnosis_fails_where_a_run_is_refused(root, tmp_path, strict):
    (root / TRAIN / f"{VICTIM}.txt").write_text("")
    results = tmp_path / "results"
    diagnose(root, results, SETTINGS)
    if strict:
        with pytest.raises(
            InputError, match=r"1 name of 4 cannot be used: 7; fix them as .*doctor.html says"
        ):
            log_diagnosis(results / "doctor.csv", results / "doctor.html", strict)
    else:
        log_diagnosis(results / "doctor.csv", results / "doctor.html", strict)
    (root / DATA["test_list"]).write_text("105\n7\n")
    diagnose(root, results, SETTINGS)
    with pytest.raises(InputError, match=r"found 1 fault of the corpus as a whole; fix the problems listed"):
        log_diagnosis(results / "doctor.csv", results / "doctor.html", strict)


# Through Snakemake ----------------------------------------------------------------------------------------


def test_snakemake_doctor_looks_at_what_a_run_refuses(checkout, tmp_path):
    root = good_corpus(tmp_path / "corpus")
    (root / DATA["test_list"]).write_text("105\n7\n")
    (root / CROPS / "video9" / "00002.jpg").write_bytes(b"")
    settings = tmp_path / "settings.yaml"
    settings.write_text(yaml.safe_dump({"root": str(root), "data": SETTINGS}))
    arguments = ("--configfile", TINY, settings)

    refused = snakemake(checkout, tmp_path / "run", "results/audit.csv", *arguments)
    sentence = (
        f"Error: {root}/test_set_VA_Challenge.txt: expected every name in one subset only, found '7' in test"
    )
    assert refused.status == 1 and refused.text.splitlines()[-1].startswith(sentence)
    assert not (tmp_path / "run/results").exists()

    doctor = snakemake(checkout, tmp_path / "run", "doctor", *arguments)
    assert doctor.status == 1
    assert (
        len(doctor.said("ERROR results/doctor.html: expected a corpus that a run can use, found 1 fault"))
        == 1
    )
    assert len(doctor.said("INFO 4 names: 3 ok, 1 repaired, 0 unusable. Read results/doctor.html")) == 1
    assert re.search(r"INFO 7 \(train\): 6 crops, ok \[\d of 4 names, \d+ frames, \d+ s left\]", doctor.text)
    page = (doctor.results / "doctor.html").read_text()
    assert "A run does not start until the problems of the corpus as a whole are fixed" in page
    assert "video9/00002.jpg: expected a JPEG image, found an empty file" in page

    # Once that is mended, what the doctor has looked at counts: it depends on the names alone.
    (root / DATA["test_list"]).write_text("105\n")
    mended = snakemake(checkout, tmp_path / "run", "results/labels_summary.csv", "doctor", *arguments)
    assert mended.status == 0, mended.text[-3000:]
    assert not re.findall(r"^(?:local)?rule audit:$", mended.text, re.MULTILINE)
    assert "A run does not start" not in (mended.results / "doctor.html").read_text()


@pytest.mark.parametrize(
    ("crops", "length", "share"),
    [(472, 472, "100 %"), (0, 95, "0 %"), (50, 200, "25 %"), (99_999, 100_000, "99 %"), (1, 100_000, "1 %")],
)
def test_all_and_none_are_said_only_where_it_is_so(crops, length, share):
    assert NameEntry({"crops": crops, "length": length}).covered == share
