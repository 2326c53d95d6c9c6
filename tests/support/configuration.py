"""Configurations as Snakemake reads them."""

from pathlib import Path

import yaml
from snakemake.utils import update_config


def read(path: Path) -> dict:
    """Read a file of settings, or a schema."""
    return yaml.safe_load(path.read_text())


def merged(*paths: Path) -> dict:
    """One configuration, put together as Snakemake does."""
    config: dict = {}
    for path in paths:
        update_config(config, read(path))
    return config
