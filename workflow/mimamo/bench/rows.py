"""One measurement: a row of the benchmark's table."""

from __future__ import annotations

from dataclasses import asdict, dataclass


@dataclass(frozen=True)
class Row:
    """One measured number.

    Attributes
    ----------
    stage
        Which part of the workflow.
    what
        What was measured, in words.
    value, unit
        The number; the unit of a ratio is ``×``.
    against
        What a ratio is taken against.
    target
        What is aimed at: ``>= 5`` or ``<= 12``; empty without a target.
    rate
        Frames per second behind a ratio, to estimate how long a corpus takes.
    """

    stage: str
    what: str
    value: float
    unit: str
    against: str = ""
    target: str = ""
    rate: float | None = None

    @property
    def met(self) -> bool | None:
        """Whether the target is met; None without one."""
        if not self.target:
            return None
        sign, bound = self.target.split()
        return bool(self.value >= float(bound) if sign == ">=" else self.value <= float(bound))

    def as_dict(self) -> dict:
        """Return plain values for a JSON file."""
        return {**asdict(self), "met": self.met}
