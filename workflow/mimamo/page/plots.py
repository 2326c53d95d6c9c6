"""The plots of the page, each with what it shows in words."""

from __future__ import annotations

from dataclasses import dataclass

import plotly.graph_objects as go

from mimamo.html.document import in_script


@dataclass(frozen=True)
class Plot:
    """A plot, and what it shows in words."""

    figure: go.Figure
    text: str

    @property
    def json(self) -> str:
        """The figure, for the page's script."""
        return in_script(self.figure.to_json())


#: All plots of the page, by their keys in its template.
Plots = dict[str, Plot]
