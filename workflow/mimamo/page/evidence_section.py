"""The page's section of comparisons: runs, ablations, seeds, trials, and what each step contributes."""

from __future__ import annotations

from dataclasses import replace

import pandas as pd

from mimamo import DIMENSIONS
from mimamo.page import charts, evidence, tables
from mimamo.page import descriptions as words
from mimamo.page.plots import Plot, Plots
from mimamo.page.sources import Sources
from mimamo.storage.files import read_csv


def evidence_section(sources: Sources, caveat: str, plots: Plots) -> dict:
    """Return the template's variables for all comparisons, made or not; add their plots to `plots`."""
    available = evidence.existing_tables(sources.others)
    sections = []
    # What there is nothing to compare of in this run is left out, whatever an earlier one has left behind.
    submits = sources.check is not None
    kinds = [
        kind for kind in evidence.KINDS if sources.scores and evidence.is_shown(kind, sources.others, submits)
    ]
    for kind in kinds:
        by_title = evidence.read_evidence(available[kind.key], kind) if kind.key in available else {}
        if kind.key == "comparison" and all(table["own"].all() for table in by_title.values()):
            kind = replace(kind, **evidence.PROTOCOLS)
        parts = []
        for position, (title, table) in enumerate(by_title.items()):
            rows = tables.evidence_rows(table, caveat, list(kind.details))
            part = {
                "title": title,
                "rows": rows,
                "differences": f"difference_{DIMENSIONS[0]}" in table,
                "notes": any(row["note"] for row in rows),
                "plots": _draw_evidence(f"{kind.key}{position}", table, kind, plots),
            }
            parts.append(part)
        choice = available.get(f"{kind.key}_choice")
        remark = evidence.describe_choice(choice) if choice and parts else ""
        sections.append({"kind": kind, "parts": parts, "remark": remark})
    return {
        "evidence": sections,
        "demo_scores": tables.records(available.get("demo_scores")),
        "phase_comparison": tables.records(available.get("phase_comparison")),
        "search": _search_section(available["search"], plots) if "search" in available else None,
    }


def _search_section(path: str, plots: Plots) -> dict:
    """Return the template's variables for a search; add the plot of its trials to `plots`."""
    trials = read_csv(path)
    plots["search"] = Plot(charts.search_chart(trials), words.describe_search(trials))
    settings = trials.loc[:, "note":].columns[1:]
    shown = trials.copy()
    for key in settings:
        shown[key] = [f"{value:.4g}" if isinstance(value, float) else value for value in trials[key]]
    return {"settings": list(settings), "trials": shown.to_dict("records")}


def _draw_evidence(
    key: str, table: pd.DataFrame, kind: evidence.EvidenceTable, plots: Plots
) -> dict[str, str]:
    """Add the plots of a table to `plots`; return the caption of each by its key."""
    titles = {"ccc": "CCC", "difference": "difference of CCC"}
    captions = {}
    for what in kind.plots:
        if len(rows := evidence.plotted_rows(table, what)):
            text = words.describe_intervals(rows, titles[what])
            plots[f"{key}_{what}"] = Plot(charts.interval_chart(rows, titles[what]), text)
            captions[f"{key}_{what}"] = f"{titles[what]}, with 95 % intervals over people where there are any"
    return captions
