"""Assembly of the HTML report from the workflow's tables."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from os import PathLike
from pathlib import Path

import yaml

from mimamo import DIMENSIONS
from mimamo.audit.tables import read_diagnosis
from mimamo.corpus.layout import Corpus
from mimamo.dataset.scope import omissions
from mimamo.evaluation.scores import out_of_fold
from mimamo.evidence.caveats import score_caveat
from mimamo.features.record import common_records
from mimamo.figures.density import density
from mimamo.figures.intervals import score_intervals
from mimamo.html.document import in_script, write_page
from mimamo.html.formats import count, interval, number, pair
from mimamo.jobs.duration import format_duration
from mimamo.page import charts, evidence, tables
from mimamo.page import descriptions as words
from mimamo.page.colours import DARK, fold_hex_colours
from mimamo.page.evidence_section import evidence_section
from mimamo.page.identity import identify
from mimamo.page.methods import BIBTEX, methods_paragraph
from mimamo.page.plots import Plot, Plots
from mimamo.page.run import describe_run, durations, wall_time
from mimamo.page.sources import Sources
from mimamo.page.strip import phase_strip
from mimamo.page.verdict import LEAST_GAIN, read_verdict
from mimamo.page.video_section import video_section
from mimamo.storage.files import read_csv
from mimamo.streams import weights_of

#: The page's template.
TEMPLATE = Path(__file__).parent / "template/page.html"


def make_page(
    sources: Sources,
    config: Mapping,
    root: str,
    demo: bool,
    faces: bool,
    rule: str,
    out: str | PathLike,
    traces: str | PathLike,
    models: Sequence[str] = (),
    edition: str = "",
) -> None:
    """Write the page: one self-contained HTML file, and beside it the data of videos that it does not hold.

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
    traces
        The folder of the data of videos, beside the HTML file.
    models
        The paths of the models, where they were given instead of trained.
    edition
        The edition of Aff-Wild2; empty for another data set.
    """
    plots: Plots = {}
    identity = identify(evidence.existing_tables(sources.others).get("provenance"), sources.benchmarks)
    # Of given models, what they were trained on counts.
    caveat = (
        identity.caveat if models else score_caveat(demo, weights_of(config["streams"], config["spatial"]))
    )
    records = common_records(sources.features, _listed_names(sources))
    corpus = Corpus.from_config(config, root)
    title = config["report"]["name"] or ("Demo" if demo else Path(root).expanduser().resolve().name)
    context = {
        "title": title,
        "caveat": caveat,
        "facts": describe_run(config, demo, records, models),
        "identity": identity,
        "methods": {
            "paragraph": methods_paragraph(config, "demo" if demo else edition, records, sources),
            "bibtex": BIBTEX,
        },
        "omissions": omissions(config, corpus),
        "config": yaml.safe_dump(dict(config), sort_keys=False, allow_unicode=True),
        "dimensions": DIMENSIONS,
        **_data_section(sources),
        **_scores_section(sources, plots),
        **_training_section(sources, plots),
        **_densities_section(sources, plots),
        **video_section(sources, corpus if faces else None, traces, plots),
        **evidence_section(sources, caveat, plots),
        **_submission_section(sources),
        **_verdict_section(sources, demo),
        **_durations_section(sources, rule, plots),
        "strip": phase_strip(_shown_names(sources), sources.phase, config["data"], root, faces),
    }
    write_page(
        TEMPLATE, context | {"plots": plots, "dark": DARK, "dark_json": in_script(json.dumps(DARK))}, out
    )


def _shown_names(sources: Sources) -> list[str]:
    """Return the names whose motion may be shown, the best-scored first where there are scores."""
    if sources.scores is None:
        return _listed_names(sources)
    table = read_csv(sources.scores)
    videos = table[table["scope"] == "video"].sort_values("ccc_mean", ascending=False, kind="stable")
    return list(videos["id"])


def _listed_names(sources: Sources) -> list[str]:
    """Return the names that are in a subset, sorted."""
    audit = sources.audit_table
    return sorted(audit.loc[audit["subset"] != "unlisted", "name"])


def _data_section(sources: Sources) -> dict:
    """Return the template's variables for audit and labels, and which pages can be linked."""
    audit = sources.audit_table
    existing = evidence.existing_tables(sources.others)
    return {
        "audit": tables.audit_rows(audit),
        "usable": count((audit["verdict"] != "unusable").sum()),
        "names": count(len(audit)),
        "audit_notes": tables.audit_notes(audit),
        "most_rows": tables.MAX_ROWS,
        "label_counts": tables.label_counts(read_csv(sources.summary)) if sources.summary else {},
        "data_notes": tables.data_notes(read_diagnosis(existing["symptoms"]))
        if "symptoms" in existing
        else [],
        "doctor": "doctor" in existing,
        "provenance": "provenance" in existing,
    }


def _scores_section(sources: Sources, plots: Plots) -> dict:
    """Return the template's variables for the out-of-fold scores; add their plots to `plots`."""
    if sources.scores is None:
        return {"pooled": None}
    scores = read_csv(sources.scores)
    of_videos = scores[scores["scope"] == "video"]
    intervals = score_intervals(scores)
    plots["scores"] = Plot(charts.interval_chart(intervals), words.describe_intervals(intervals))
    plots["videos"] = Plot(charts.videos_chart(of_videos), words.describe_videos(of_videos))
    baseline = read_csv(sources.baseline).set_index("dimension")["ccc"]
    return {
        "pooled": tables.score_rows(scores, "pooled")[0],
        "fold_scores": tables.score_rows(scores, "fold"),
        "video_scores": tables.score_rows(scores, "video"),
        "with_intervals": "ccc_valence_low" in scores,
        "baseline": {dimension: number(baseline.get(dimension)) for dimension in DIMENSIONS},
    }


def _training_section(sources: Sources, plots: Plots) -> dict:
    """Return the template's variables for the training curves; add their plots to `plots`."""
    if not sources.histories:
        return {"curves": {}}
    histories = [read_csv(path) for path in sources.histories]
    columns = {"loss": "Loss on training windows"}
    columns |= {f"stop_ccc_{dimension}": f"CCC, {dimension}" for dimension in DIMENSIONS}
    for column, title in columns.items():
        text = words.describe_curves(histories, column, title)
        plots[column] = Plot(charts.curve_chart(histories, column), text)
    colours = fold_hex_colours(len(histories))
    return {"curves": columns, "fold_colours": {colour: DARK.get(colour, colour) for colour in colours}}


def _densities_section(sources: Sources, plots: Plots) -> dict:
    """Return the template's variables for the densities; add their plots to `plots`."""
    if sources.scores is None:
        return {}
    joined = out_of_fold(sources.predictions, sources.labels, sources.folds)
    truth = joined[[f"true_{dimension}" for dimension in DIMENSIONS]].to_numpy()
    planes = {"truth": truth, "prediction": joined[list(DIMENSIONS)].to_numpy()}
    highest = max(float(density(values).max()) for values in planes.values())
    for what, values in planes.items():
        text = words.describe_density(values, what)
        plots[f"density_{what}"] = Plot(charts.density_chart(values, highest), text)
    return {"density_highest": number(highest, 2)}


def _submission_section(sources: Sources) -> dict:
    """Return the template's variables for the submission and its check."""
    if sources.check is None:
        return {"submission": [], "wrong": [], "submissions": [], "submission_pairs": []}
    available = evidence.existing_tables(sources.others)
    rows = tables.submission_rows(read_csv(sources.check), read_csv(sources.gaps))
    return {
        "submission": rows,
        "wrong": [row for row in rows if row["verdict"] == "wrong"],
        "submissions": [
            {**row, **{f"interval_{d}": interval(row, f"ccc_{d}") for d in DIMENSIONS}}
            for row in tables.records(available.get("submissions"))
        ],
        "submission_pairs": tables.records(available.get("submission_pairs")),
    }


def _verdict_section(sources: Sources, demo: bool) -> dict:
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
                what: {dimension: number(scores[dimension]) for dimension in DIMENSIONS}
                for what, scores in rows.items()
            },
            "ridge": found.beside_ridge,
            "changes": [
                {
                    "setting": change.setting,
                    "gain": pair(change.gain, signed=True),
                    "command": change.command(demo),
                }
                for change in found.changes
            ],
            "least_gain": LEAST_GAIN,
        }
    }


def _durations_section(sources: Sources, rule: str, plots: Plots) -> dict:
    """Return the template's variables for durations, without those of `rule`; add their plot to `plots`."""
    rows = durations(sources.benchmarks, leave_out=rule)
    rows = [{**row, "time": format_duration(row["seconds"])} for row in rows]
    chart = charts.duration_chart({row["rule"]: row["seconds"] for row in rows})
    plots["durations"] = Plot(chart, words.describe_durations(rows))
    return {
        "durations": rows,
        "duration": format_duration(sum(row["seconds"] for row in rows)),
        "wall": format_duration(wall_time(sources.benchmarks, leave_out=rule)),
    }
