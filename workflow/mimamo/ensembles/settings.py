"""The sections ``ensembles``, ``predictions`` and ``submissions`` of the configuration: checks and defaults.

Imported whenever the Snakefile is read, so it needs nothing beyond the standard library.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Collection, Iterator, Mapping

from mimamo.errors import ConfigError
from mimamo.runs import CONFIGURED, run_config, variants

#: The keys of a submission that are those of the section ``postprocessing``; the others are its own.
_STEPS = ("ensemble", "smoothing", "delay")
#: What a name may be: part of folders' and files' names.
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]*", re.ASCII)


def check_ensembles(
    config: Mapping, runs: Collection[str], other_folds: Collection[str], submits: bool, most: int
) -> None:
    """Check what the schema cannot: that names are names, and stand for something.

    Parameters
    ----------
    config
        The whole configuration, valid by its schema.
    runs
        The names of the runs, with `mimamo.runs.CONFIGURED`.
    other_folds
        Those on other folds than the configured run.
    submits
        Whether there are test names.
    most
        The submissions that the edition allows.

    Raises
    ------
    ConfigError
        With a sentence for each fault.
    """
    if faults := list(_faults(config, runs, other_folds, submits, most)):
        raise ConfigError(" ".join(f"Configuration: {fault}." for fault in faults))


def _faults(
    config: Mapping, runs: Collection[str], other_folds: Collection[str], submits: bool, most: int
) -> Iterator[str]:
    """Yield what does not go together, in sentences without their beginning and end."""
    sections = {key: config[key] for key in ("ensembles", "predictions", "submissions")}
    for section, entries in sections.items():
        if entries and config["models"] is not None:
            yield (
                f"{section} is given, and so are models, which have no out-of-fold predictions here; take "
                "one of them out"
            )
        for name in entries:
            if not _NAME.fullmatch(name):
                yield f"{section}.{name} is not a valid folder name, expected letters, digits, _ and -"
    if CONFIGURED in sections["submissions"]:
        yield f"submissions.{CONFIGURED} has the name of the configured run, expected another one"
    taken: dict[str, str] = dict.fromkeys(runs, "a run")
    for section in ("predictions", "ensembles"):
        for name in sections[section]:
            if name in taken:
                yield f"{section}.{name} has the name of {taken[name]}, expected another one"
            taken[name] = f"an entry of {section}"
    yield from _member_faults(config, runs)
    used = {member for settings in config["ensembles"].values() for member in settings["members"]}
    used |= {str(settings["of"]) for settings in complete_submissions(config).values()}
    for name in sorted(used & set(other_folds)):
        yield (
            f"runs.{name} has other folds than the configured run, expected the same of what ensembles and "
            "submissions are made of, as they are combined and scored fold by fold"
        )
    for name, files in config["predictions"].items():
        if submits and files.get("test") is None:
            yield (
                f"predictions.{name}.test is missing, expected its predictions of the test names, as there "
                "are test names"
            )
    yield from _submission_faults(config, runs, submits, most)


def _member_faults(config: Mapping, runs: Collection[str]) -> Iterator[str]:
    """Yield what is wrong with the members of ensembles."""
    known = [*runs, *config["predictions"]]
    for name, settings in config["ensembles"].items():
        members = settings["members"]
        for member in members:
            if member not in known:
                yield f"ensembles.{name}.members has {member!r}, {_expected(member, known)}"
        for member in sorted({member for member in members if members.count(member) > 1}):
            yield f"ensembles.{name}.members has {member!r} twice, expected every member once"


def _submission_faults(config: Mapping, runs: Collection[str], submits: bool, most: int) -> Iterator[str]:
    """Yield what is wrong with the submissions."""
    submissions = complete_submissions(config)
    if submissions and not submits:
        yield "submissions is given and data.test_list is null, so there is nothing to submit"
    if len(submissions) > most:
        yield (
            f"submissions has {len(submissions)} entries, expected at most {most}, which is how many a "
            "team may send; take some out"
        )
    known, seen = [*runs, *config["ensembles"]], {}
    for name, settings in submissions.items():
        if settings["of"] not in known:
            more = (
                f"; make an ensemble of {settings['of']} alone to submit it"
                if settings["of"] in config["predictions"]
                else ""
            )
            yield f"submissions.{name}.of is {settings['of']!r}, {_expected(settings['of'], known)}{more}"
        same = seen.setdefault(tuple(settings.items()), name)
        if same != name:
            yield (
                f"submissions.{name} is the same as submissions.{same}, expected each to differ: to send it "
                "twice would waste one"
            )


def _expected(found: str, known: Collection[str]) -> str:
    """Describe what was expected instead of a name."""
    close = difflib.get_close_matches(found, known, n=1)
    return f"did you mean {close[0]}?" if close else f"expected one of {', '.join(known)}"


def complete_submissions(config: Mapping) -> dict[str, dict]:
    """Return the submissions by name, each with of, ensemble, smoothing, delay and gaps.

    What one does not say of its post-processing is as configured for its run.
    """
    by_run = {name: run_config(config, runs[0])["postprocessing"] for name, runs in variants(config).items()}
    return {
        name: {
            "of": CONFIGURED,
            **postprocessing_of(by_run.get(settings.get("of", CONFIGURED), config["postprocessing"])),
            "gaps": config["gaps"]["policy"],
            **settings,
        }
        for name, settings in config["submissions"].items()
    }


def postprocessing_of(settings: Mapping) -> dict[str, object]:
    """Return what settings, such as one of `complete_submissions`, have of the section ``postprocessing``."""
    return {key: settings[key] for key in _STEPS}
