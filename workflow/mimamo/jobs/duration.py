"""Durations for people."""

from __future__ import annotations


def format_duration(seconds: float) -> str:
    """Format seconds in the two largest units that apply: ``1 h 2 min``, ``2 min 3 s`` or ``3 s``."""
    hours, rest = divmod(round(seconds), 3600)
    minutes, seconds = divmod(rest, 60)
    if hours:
        return f"{hours} h {minutes} min"
    return f"{minutes} min {seconds} s" if minutes else f"{seconds} s"
