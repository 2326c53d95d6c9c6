"""The page of a run, and what is in its text."""

import base64
import json
import re
from collections import Counter
from pathlib import Path

import numpy as np

from mimamo.page.build import make_page
from mimamo.page.sources import Sources
from mimamo.storage.files import read_csv, write_csv
from support.workflow import Run

#: Text that would be run if it were not taken for text.
HOSTILE = "</script><script>alert(1)</script><img src=x onerror=alert(2)>"


def make(tiny: Run, config: dict, folder: Path, faces: bool, others: dict[str, str]) -> str:
    """Make the page of a run, with the audit that lies in `folder`; return its text."""
    results = tiny.results
    sources = Sources(
        histories=sorted(results.glob("train/*/history.csv")),
        predictions=sorted(results.glob("predictions/*.csv")),
        phase=[results / "phase"],
        features={"appearance": results / "features"},
        audit=folder / "audit.csv",
        summary=results / "labels_summary.csv",
        check=results / "submission_check.csv",
        filled=results / "filled.csv",
        truth=results / "demo/truth",
        labels=results / "labels",
        benchmarks=folder / "none",
        others=others,
        **{name: results / f"{name}.csv" for name in ("scores", "baseline", "folds", "gaps")},
    )
    corpus = str(results / "demo/corpus")
    out, traces = folder / "report.html", folder / "traces"
    make_page(sources, config, corpus, demo=True, faces=faces, rule="page", out=out, traces=traces)
    return (folder / "report.html").read_text()


def numbers(values: list | dict) -> list:
    """The numbers of an axis, which Plotly writes as a list or as bytes in base64."""
    if isinstance(values, list):
        return values
    return np.frombuffer(base64.b64decode(values["bdata"]), values["dtype"]).tolist()


def plots(text: str) -> dict[str, dict]:
    """Every plot of a page by its key."""
    pattern = r'id="plot-([\w]+)"[^>]*><script type="application/json">(.*?)</script>'
    return {key: json.loads(found) for key, found in re.findall(pattern, text, re.DOTALL)}


def videos(text: str) -> dict[str, dict]:
    """The data of every video that a page holds, by name."""
    return json.loads(re.search(r'<script id="videos" type="application/json">(.*?)</script>', text)[1])


def section(text: str, heading: str) -> str:
    """The section of a page with a heading, by the heading's id."""
    return next(part for part in text.split("<section>") if f'<h2 id="{heading}">' in part)


def without_scripts(text: str) -> str:
    """Cut the scripts out of a page."""
    return re.sub(r"<script.*?</script>", "", text, flags=re.DOTALL)


def pictures(text: str) -> Counter:
    """How many pictures of each form a page has, without those that Plotly brings."""
    return Counter(re.findall(r'<img[^>]* src="data:image/(\w+);base64,', without_scripts(text)))


def colours(tree: object) -> set[str]:
    """Every colour in a plot."""
    if isinstance(tree, dict):
        return set().union(*map(colours, tree.values()))
    if isinstance(tree, list):
        return set().union(*map(colours, tree))
    return {tree} if isinstance(tree, str) and re.fullmatch(r"#[0-9A-Fa-f]{6}|rgba?\(.*\)", tree) else set()


def hostile_page(tiny: Run, config: dict, evidence: dict[str, str], folder: Path) -> str:
    """Make the page of the tiny run with more evidence, hostile text in a table, and no faces."""
    audit = read_csv(tiny.results / "audit.csv")
    audit.loc[0, ["verdict", "reason"]] = ["repaired", HOSTILE]
    write_csv(audit, folder / "audit.csv")
    return make(tiny, config, folder, faces=False, others={**evidence, "gap_prices": "nowhere.csv"})
