"""Captions of figures: the texts that Snakemake's report shows, and beside each figure what is in it."""

from __future__ import annotations

from pathlib import Path

from jinja2 import Environment, StrictUndefined

TEXTS = Path(__file__).parents[2] / "report"


def read_caption(name: str, job: object) -> str:
    """Return the caption of a figure as one paragraph.

    Parameters
    ----------
    name
        Of a file ``<name>.rst`` in workflow/report.
    job
        The object ``snakemake`` of the job; the text may depend on its parameters, as in Snakemake's report.
    """
    template = Environment(undefined=StrictUndefined).from_string(
        (TEXTS / f"{name}.rst").read_text(encoding="utf-8")
    )
    return " ".join(template.render(snakemake=job).split())
