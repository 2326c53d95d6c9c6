"""The record of a job, written beside its outputs: their inputs, settings and code."""

from __future__ import annotations

import json
import platform
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path, PurePath

from mimamo.provenance.source_code import PACKAGE, code_digest
from mimamo.storage.files import atomic_write, digest_of

#: The output with the record, and the inputs that are not in it: the crops, millions of them, have their
#: digests in the audit's records, and what a batch of names made is in the records of these.
OUTPUT, LEFT_OUT = "job_record", ("corpus", "batches")

#: Parameters that are no settings: the code has a digest of its own, versions depend on dates, and what is
#: done about a batch of names is in the records of the names.
_NO_SETTINGS = (
    *("code", "versions", "inventory", "given"),
    *("name_keys", "subsets", "known", "marker", "records", "audit", "folder", "names", "people"),
)

#: Settings with paths on a machine, or that may contain a password.
_OF_THE_MACHINE = {"cache", "url", "state"}


def record_job(snakemake) -> None:
    """Write the record of a job, if it has one among its outputs.

    Parameters
    ----------
    snakemake
        The object that Snakemake puts into a script.
    """
    named = dict(snakemake.output.items())
    if OUTPUT not in named:
        return
    inputs = [path for name, path in _paths(snakemake.input) if name not in LEFT_OUT]
    outputs = [path for name, path in _paths(snakemake.output) if name != OUTPUT]
    record = {
        **describe_job(snakemake),
        "wildcards": dict(snakemake.wildcards.items()),
        "inputs": {path: recorded_digest(Path(path)) for path in inputs},
        "outputs": {path: digest_of(Path(path)) for path in outputs},
        "machine": {"host": platform.node(), "gpu": _gpu()},
    }
    with atomic_write(named[OUTPUT]) as fresh:
        fresh.write_text(json.dumps(record, indent=2, sort_keys=True) + "\n")


def describe_job(snakemake) -> dict[str, object]:
    """Return the rule of a job, the digest of its code, and its settings."""
    return {
        "rule": snakemake.rule,
        "code": code_digest(script_of(snakemake.rule)),
        "settings": portable(
            {key: value for key, value in snakemake.params.items() if key not in _NO_SETTINGS}
        ),
    }


def _gpu() -> str | None:
    """Return the name of the GPU that a job of this process used; None for one that computed on the CPU."""
    torch = sys.modules.get("torch")
    used = torch is not None and torch.cuda.is_available() and torch.cuda.is_initialized()
    return torch.cuda.get_device_name() if used else None


def _paths(files) -> Iterator[tuple[str, str]]:
    """Yield the name and the path of each of a job's inputs or outputs."""
    for name, value in files.items():
        for path in [value] if isinstance(value, str) else value:
            yield name, str(path)


def script_of(rule: str) -> Path:
    """Return the script of a rule, which is named like the rule."""
    return PACKAGE.parent / f"{rule}.py"


def recorded_digest(path: Path) -> str:
    """Return the digest of a file or folder; for a folder with a record beside it, the one in the record.

    Caches take many gigabytes, and every fold would have to hash all of them.
    """
    record = path.with_name(f"{path.name}.json")
    if path.is_dir() and record.is_file():
        for output, digest in json.loads(record.read_text())["outputs"].items():
            if PurePath(output).name == path.name:
                return digest
    return digest_of(path)


def portable(settings: object) -> object:
    """Return settings without those of the machine; absolute paths are reduced to their last component."""
    if isinstance(settings, Mapping):
        kept = {key: value for key, value in settings.items() if key not in _OF_THE_MACHINE}
        return {str(key): portable(value) for key, value in kept.items()}
    if isinstance(settings, (list, tuple)):
        return [portable(value) for value in settings]
    if isinstance(settings, (str, PurePath)):
        return PurePath(settings).name if str(settings).startswith(("/", "~")) else str(settings)
    return settings
