"""A job that SLURM refuses to queue, in a sentence: its rule, what it asks for, and where to change that."""

from __future__ import annotations

import re
from pathlib import Path

import yaml

from mimamo.jobs.run_log import Job

#: How the executor's plugin reports that sbatch failed; what SLURM said is between quotes.
_REPORT = re.compile(r"SLURM sbatch failed\. The error message was '(.*?)'\.\n", re.DOTALL)
_ANSWER = re.compile(r"sbatch: error: (?:Batch job submission failed: )?(.*)")
#: Of what Snakemake lists as resources: derived from others, or none that SLURM is asked for.
_NOT_ASKED = {"tmpdir", "mem", "mem_mib", "disk", "disk_mb", "disk_mib", "attempt", "slurm_account"}
#: A word in SLURM's answer, and the entry of the profile that it is about.
_ENTRIES = {
    "account": "slurm_account",
    "partition": "slurm_partition",
    "time limit": "runtime",
    "memory": "mem_mb",
}


def slurm_refusal(job: Job, message: str, profile: Path | None) -> str | None:
    """Return the sentence about a job that SLURM refused to queue.

    Parameters
    ----------
    job
        The job.
    message
        What Snakemake reports of its failure.
    profile
        The configuration file of the profile in use; None where it is not known.

    Returns
    -------
    str or None
        One sentence, the same for all jobs of a rule that ask for the same; None where the job failed
        otherwise.
    """
    if (report := _REPORT.search(message)) is None:
        return None
    answers = [found[1].strip().rstrip(".") for found in _ANSWER.finditer(report[1])]
    answer = answers[-1] if answers else report[1].strip()
    asked = [part for part in job.resources.split(", ") if part.partition("=")[0] not in _NOT_ASKED]
    place = profile_place(profile, job.rule, _entry(answer)) if profile is not None else ""
    return (
        f"rule {job.rule}: expected SLURM to queue a job with {', '.join(asked) or 'its defaults'}, found "
        f"that it refuses to ({answer}); change that {place or 'in the profile of the run'}"
    )


def _entry(answer: str) -> str | None:
    """Return the entry of the profile that SLURM's answer is about; None where it does not say."""
    return next((entry for word, entry in _ENTRIES.items() if word in answer.lower()), None)


def profile_place(profile: Path, rule: str, entry: str | None) -> str:
    """Return where in a profile a rule's resources are set, with the line; empty where it cannot be read.

    Parameters
    ----------
    profile
        The profile's configuration file.
    rule
        The rule.
    entry
        The resource that is wrong; None: not known.
    """
    try:
        root = yaml.compose(profile.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, yaml.YAMLError):
        return ""
    shown = profile.relative_to(Path.cwd()) if profile.is_relative_to(Path.cwd()) else profile
    for path in (("set-resources", rule, entry), ("default-resources", entry), ("set-resources", rule)):
        if None not in path and (line := _line(root, path)) is not None:
            return f"in {shown}, line {line}, {': '.join(path)}"
    line = _line(root, ("set-resources",))
    return f"in {shown}{'' if line is None else f', line {line}'}, under set-resources: {rule}"


def _line(node: yaml.Node | None, path: tuple[str, ...]) -> int | None:
    """Return the line, from 1, of the key at `path` in a YAML document; None where there is none."""
    line = None
    for key in path:
        if not isinstance(node, yaml.MappingNode):
            return None
        pairs = {name.value: (name, value) for name, value in node.value}
        if key not in pairs:
            return None
        name, node = pairs[key]
        line = name.start_mark.line + 1
    return line
