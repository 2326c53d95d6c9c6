"""What can be suspicious about labels."""

from __future__ import annotations

from support.bad_corpora.case import Case, annotate, lines, text


def of_rows(*rows: str) -> str:
    """An annotation file with these lines below its header."""
    return "\n".join(["valence,arousal", *rows]) + "\n"


CASES = [
    Case(
        "all zero",
        annotate(of_rows(*["0,0"] * 5, "-5,0.1")),
        "ok",
        "VA_Set/Training_Set/7.txt: expected labels that change, found 0 for both in all 5 annotated frames;"
        " used; download it again if it should hold annotations.",
        frames="1-5",
    ),
    Case(
        "constant",
        annotate(of_rows(*["0.25,-0.5"] * 6)),
        "ok",
        "VA_Set/Training_Set/7.txt: expected labels that change, found valence 0.25 and arousal -0.5 in all"
        " 6 annotated frames; used; check whether they are real.",
        frames="1-6",
    ),
    Case(
        "one dimension constant",
        annotate(of_rows(*(f"0.{n},-0.3" for n in range(6)))),
        "ok",
        "VA_Set/Training_Set/7.txt: expected labels that change, found arousal -0.3 in all 6 annotated"
        " frames; used; check whether they are real.",
        frames="1-6",
    ),
    Case(
        "from 0 to 1",
        annotate(of_rows(*(f"0.{n},0.{n}5" for n in range(6)))),
        "ok",
        "VA_Set/Training_Set/7.txt: expected labels from -1 to 1, found none below 0 in all 6 annotated"
        " frames; used; if they were scaled to 0 to 1, scale them back to -1 to 1.",
        frames="1-6",
    ),
    Case(
        "steps",
        annotate(of_rows("0,0.5", "1,-0.5", "-0.5,0", "-5,0.3", "0,0", "-1,1")),
        "ok",
        "VA_Set/Training_Set/7.txt: expected finely graded labels, found only multiples of 0.5 in all 5"
        " annotated frames; used; check whether they were rounded, or are classes.",
        frames="1-3 5-6",
    ),
    Case(
        "labels of another name",
        text("VA_Set/Training_Set/7.txt", lines(level=0.3)),
        "ok",
        "VA_Set/Training_Set/7.txt: expected labels of its own, found those of 'video9'; used; look which"
        " video they belong to.",
        frames="1-6",
    ),
    Case(
        "few frames alike",
        annotate(of_rows(*["0,0"] * 4, *["-5,-5"] * 2)),
        "ok",
        "",
    ),
]
