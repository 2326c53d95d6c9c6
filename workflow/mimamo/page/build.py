"""Assembly of the HTML report from the workflow's tables."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from os import PathLike

import pandas as pd
import plotly.graph_objects as go
import yaml
from jinja2 import Environment, PackageLoader, StrictUndefined
from plotly.offline import get_plotlyjs

from mimamo import DIMENSIONS
from mimamo.audit.tables import read_audit, read_diagnosis
from mimamo.corpus.layout import Corpus
from mimamo.dataset.scope import omissions
from mimamo.evaluation.scores import out_of_fold
from mimamo.evidence.caveats import score_caveat
from mimamo.features.record import common_record
from mimamo.figures.density import density
from mimamo.figures.intervals import score_intervals
from mimamo.figures.traces import out_of_fold_traces
from mimamo.page import charts, evidence, tables
from mimamo.page.colours import DARK, SHADES, fold_hex_colours
from mimamo.page.run import describe_run, durations, format_duration
from mimamo.page.strip import phase_strip
from mimamo.page.verdict import LEAST_GAIN, read_verdict
from mimamo.storage.files import atomic_write, read_csv


@dataclass(frozen=True)
class Sources:
    """The files that the page is made from.

    Attributes
    ----------
    histories, predictions
        Of every fold, in their order; there are no histories of given models.
    audit
        That table of ``results/``.
    scores, baseline, labels, summary, folds
        Those tables and folders of ``results/``; None where nothing was trained.
    gaps, check
        Those tables; None where there is no test list.
    phase, features
        Folders of caches.
    benchmarks
        The folder of Snakemake's measurements.
    others
        Tables that not every run makes, by their key: those of `mimamo.page.evidence.KINDS`, ``demo_scores``,
        ``phase_comparison``, ``symptoms`` (the doctor's table), and ``doctor`` and ``provenance``, which are
        linked. Those that are absent are left out.
    """

    histories: Sequence[str | PathLike]
    predictions: Sequence[str | PathLike]
    scores: str | PathLike | None
    baseline: str | PathLike | None
    labels: str | PathLike | None
    summary: str | PathLike | None
    folds: str | PathLike | None
    audit: str | PathLike
    gaps: str | PathLike | None
    check: str | PathLike | None
    phase: Sequence[str | PathLike]
    features: Sequence[str | PathLike]
    benchmarks: str | PathLike
    others: Mapping[str, str] = field(default_factory=dict)


def make_page(
    sources: Sources,
    config: Mapping,
    root: str,
    demo: bool,
    faces: bool,
    rule: str,
    out: str | PathLike,
    models: Sequence[str] = (),
) -> None:
    """Write the page: one self-contained HTML file.

    Parameters
    ----------
    sources
        What it is made from.
    config, root
        The whole configuration, and the data set's folder.
    demo
        Whether the corpus is the rendered one.
    faces
        Whether faces are shown.
    rule
        The rule that makes the page, whose own duration is not known yet.
    out
        The HTML file. The same inputs give the same bytes, except for what is between the comments
        ``durations`` and ``/durations``.
    models
        The paths of the models, where they were given instead of trained.
    """
    plots: dict[str, go.Figure] = {}
    caveat = score_caveat(demo, config["spatial"]["weights"])
    context = {
        "caveat": caveat,
        "demo": demo,
        "facts": describe_run(config, demo, common_record(sources.features, _listed_names(sources)), models),
        "omissions": omissions(config, Corpus.from_config(config, root)),
        "config": yaml.safe_dump(dict(config), sort_keys=False, allow_unicode=True),
        "dimensions": DIMENSIONS,
        **_data_section(sources),
        **_scores_section(sources, plots),
        **_training_section(sources, plots),
        **_predictions_section(sources, plots),
        **_evidence_section(sources, caveat, plots),
        **_submission_section(sources),
        **_verdict_section(sources),
        **_durations_section(sources, rule, plots),
        "strip": phase_strip(_shown_names(sources), sources.phase, config["data"], root, faces),
    }
    with atomic_write(out) as fresh:
        fresh.write_text(render(context, plots), encoding="utf-8", newline="\n")


def _shown_names(sources: Sources) -> list[str]:
    """Return the names whose motion may be shown, the best-scored first where there are scores."""
    if sources.scores is None:
        return _listed_names(sources)
    table = read_csv(sources.scores)
    videos = table[table["scope"] == "video"].sort_values("ccc_mean", ascending=False, kind="stable")
    return list(videos["id"])


def _listed_names(sources: Sources) -> list[str]:
    """Return the names that are in a subset, sorted."""
    audit = read_audit(sources.audit)
    return sorted(audit.loc[audit["subset"] != "unlisted", "name"])


def render(context: Mapping, plots: Mapping[str, go.Figure]) -> str:
    """Fill the template with `context` and with the plots by their key."""
    environment = Environment(
        loader=PackageLoader("mimamo.page", "template"),
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
        undefined=StrictUndefined,
    )
    return environment.get_template("page.html").render(
        **context,
        plots={key: in_script(plot.to_json()) for key, plot in plots.items()},
        dark=in_script(json.dumps(DARK)),
        plotly=get_plotlyjs(),
    )


def in_script(text: str) -> str:
    """Make JSON safe inside a script element, which ends at the first ``</script`` anywhere in it."""
    return text.replace("<", "\\u003c")


def _data_section(sources: Sources) -> dict:
    """Return the template's variables for audit and labels, and which pages can be linked."""
    audit = read_audit(sources.audit)
    existing = evidence.existing_tables(sources.others)
    return {
        "audit": tables.audit_rows(audit),
        "usable": tables.count((audit["verdict"] != "unusable").sum()),
        "names": tables.count(len(audit)),
        "audit_notes": tables.audit_notes(audit),
        "most_rows": tables.MAX_ROWS,
        "label_counts": tables.label_counts(read_csv(sources.summary)) if sources.summary else {},
        "data_notes": tables.data_notes(read_diagnosis(existing["symptoms"]))
        if "symptoms" in existing
        else [],
        "doctor": "doctor" in existing,
        "provenance": "provenance" in existing,
    }


def _scores_section(sources: Sources, plots: dict[str, go.Figure]) -> dict:
    """Return the template's variables for the out-of-fold scores; add their plots to `plots`."""
    if sources.scores is None:
        return {"pooled": None}
    scores = read_csv(sources.scores)
    videos = scores[scores["scope"] == "video"]
    plots["scores"] = charts.interval_chart(score_intervals(scores))
    plots["videos"] = charts.videos_chart(videos)
    baseline = read_csv(sources.baseline).set_index("dimension")["ccc"]
    return {
        "pooled": tables.score_rows(scores, "pooled")[0],
        "fold_scores": tables.score_rows(scores, "fold"),
        "video_scores": tables.score_rows(scores, "video"),
        "with_intervals": "ccc_valence_low" in scores,
        "baseline": {dimension: tables.number(baseline.get(dimension)) for dimension in DIMENSIONS},
    }


def _training_section(sources: Sources, plots: dict[str, go.Figure]) -> dict:
    """Return the template's variables for the training curves; add their plots to `plots`."""
    if not sources.histories:
        return {"curves": {}}
    histories = [read_csv(path) for path in sources.histories]
    columns = {"loss": "Loss on training windows"}
    columns |= {f"stop_ccc_{dimension}": f"CCC, {dimension}" for dimension in DIMENSIONS}
    for column in columns:
        plots[column] = charts.curve_chart(histories, column)
    colours = fold_hex_colours(len(histories))
    return {"curves": columns, "fold_colours": {colour: DARK.get(colour, colour) for colour in colours}}


def _predictions_section(sources: Sources, plots: dict[str, go.Figure]) -> dict:
    """Return the template's variables for traces and densities; add their plots to `plots`."""
    if sources.scores is None:
        return {"traces": []}
    traces = out_of_fold_traces(sources.scores, sources.predictions, sources.labels, sources.audit)
    for position, trace in enumerate(traces):
        plots[f"trace{position}"] = charts.trace_chart(trace)
    joined = out_of_fold(sources.predictions, sources.labels, sources.folds)
    truth = joined[[f"true_{dimension}" for dimension in DIMENSIONS]].to_numpy()
    planes = {"truth": truth, "prediction": joined[list(DIMENSIONS)].to_numpy()}
    highest = max(float(density(values).max()) for values in planes.values())
    for what, values in planes.items():
        plots[f"density_{what}"] = charts.density_chart(values, highest)
    headings = [
        {"title": trace.title, "ccc": {name: tables.number(value, 2) for name, value in trace.ccc.items()}}
        for trace in traces
    ]
    return {"traces": headings, "shades": SHADES, "density_highest": tables.number(highest, 2)}


def _evidence_section(sources: Sources, caveat: str, plots: dict[str, go.Figure]) -> dict:
    """Return the template's variables for all comparisons, made or not; add their plots to `plots`."""
    available = evidence.existing_tables(sources.others)
    sections = []
    # What there is nothing to compare of in this run is left out, whatever an earlier one has left behind.
    kinds = [
        kind for kind in evidence.KINDS if sources.scores and (sources.check or kind.key != "gap_prices")
    ]
    for kind in kinds:
        by_title = evidence.read_evidence(available[kind.key], kind) if kind.key in available else {}
        parts = [
            {
                "title": title,
                "rows": tables.evidence_rows(table, caveat),
                "differences": f"difference_{DIMENSIONS[0]}" in table,
                "plots": _draw_evidence(f"{kind.key}{position}", table, kind, plots),
            }
            for position, (title, table) in enumerate(by_title.items())
        ]
        sections.append({"kind": kind, "parts": parts})
    demo_scores = read_csv(available["demo_scores"]) if "demo_scores" in available else pd.DataFrame()
    phase = read_csv(available["phase_comparison"]) if "phase_comparison" in available else pd.DataFrame()
    return {
        "evidence": sections,
        "demo_scores": _demo_score_rows(demo_scores),
        "phase_comparison": tables.phase_comparison_rows(phase),
    }


def _draw_evidence(
    key: str, table: pd.DataFrame, kind: evidence.EvidenceTable, plots: dict[str, go.Figure]
) -> dict[str, str]:
    """Add the plots of a table to `plots`; return the caption of each by its key."""
    titles = {"ccc": "CCC", "difference": "difference of CCC"}
    captions = {}
    for what in kind.plots:
        if len(rows := evidence.plotted_rows(table, what)):
            plots[f"{key}_{what}"] = charts.interval_chart(rows, titles[what])
            captions[f"{key}_{what}"] = f"{titles[what]}, with 95 % intervals over people where there are any"
    return captions


def _demo_score_rows(table: pd.DataFrame) -> list[dict[str, str]]:
    """Format the rows of the demo corpus's scores."""
    return [
        {
            "rows": row["rows"].replace("_", " "),
            "policy": row["policy"],
            "frames": tables.count(row["frames"]),
            **{dimension: tables.number(row[f"ccc_{dimension}"]) for dimension in DIMENSIONS},
        }
        for row in table.to_dict("records")
    ]


def _submission_section(sources: Sources) -> dict:
    """Return the template's variables for the submission and its check."""
    if sources.check is None:
        return {"submission": [], "wrong": []}
    rows = tables.submission_rows(read_csv(sources.check), read_csv(sources.gaps))
    return {"submission": rows, "wrong": [row for row in rows if row["verdict"] == "wrong"]}


def _verdict_section(sources: Sources) -> dict:
    """Return the template's variables for what the run comes to."""
    if sources.scores is None:
        return {"verdict": None}
    available = evidence.existing_tables(sources.others)
    prices = available.get("gap_prices") if sources.check else None
    found = read_verdict(sources.scores, sources.baseline, prices, available.get("variants"))
    if found is None:
        return {"verdict": None}
    rows = {
        "out of fold, without gaps": found.scored,
        "ridge regression on single frames, out of fold": found.ridge,
    }
    if found.expected:
        rows = {f"to expect of the test names, gaps filled by policy {found.policy}": found.expected} | rows
    return {
        "verdict": {
            "rows": {
                what: {dimension: tables.number(scores[dimension]) for dimension in DIMENSIONS}
                for what, scores in rows.items()
            },
            "ridge": found.beside_ridge,
            "changes": [
                {"change": change, "gain": tables.pair(change.gain, signed=True)} for change in found.changes
            ],
            "least_gain": LEAST_GAIN,
        }
    }


def _durations_section(sources: Sources, rule: str, plots: dict[str, go.Figure]) -> dict:
    """Return the template's variables for durations, without those of `rule`; add their plot to `plots`."""
    rows = durations(sources.benchmarks, leave_out=rule)
    plots["durations"] = charts.duration_chart({row["rule"]: row["seconds"] for row in rows})
    return {
        "durations": [{**row, "time": format_duration(row["seconds"])} for row in rows],
        "duration": format_duration(sum(row["seconds"] for row in rows)),
    }
