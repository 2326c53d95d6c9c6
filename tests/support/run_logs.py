"""Snakemake's log of a run, and what a training says in its own."""

from pathlib import Path

#: What a training says of an epoch.
TRAINING = "INFO Fold 0, epoch 1 of 2: loss -0.443, CCC valence 0.213 arousal 0.012 (stop names), 90 s left\n"


def put_log(folder: Path, text: str) -> Path:
    """Write Snakemake's log of a run in `folder`."""
    path = folder / ".snakemake/log/2026-01-01T000000.000000.snakemake.log"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    return path
