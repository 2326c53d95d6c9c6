"""The chain from a submission back to the weights, the settings and the code: written, read and checked."""

from __future__ import annotations

import json
import logging
import os
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from mimamo import __version__
from mimamo.errors import InputError
from mimamo.features.record import common_record
from mimamo.findings import Findings
from mimamo.provenance.record import portable, script_of
from mimamo.provenance.source_code import PACKAGE, code_digest, package_digest
from mimamo.storage.files import digest_of, written_whole

logger = logging.getLogger(__name__)

FILE = "provenance.json"

#: How far above a submission its chain is looked for.
_LEVELS = 4

#: Rules whose outputs are too large to be read again unless that is asked for.
CACHES = ("phase", "features")


# Writing --------------------------------------------------------------------------------------------------


def write_chain(
    records: Sequence[Path], features: Sequence[Path], config: Mapping[str, object], out: Path
) -> None:
    """Join the records of all jobs into one chain.

    Parameters
    ----------
    records
        What the jobs left, see `mimamo.provenance.record`.
    features
        The folders of features, which hold the record of the weights.
    config
        The configuration.
    out
        The file to write; the paths in it are relative to its folder.

    Raises
    ------
    InputError
        Where a job read other bytes than the one that made them wrote.
    """
    stages = [_relative(json.loads(Path(path).read_text()), Path(out).parent) for path in records]
    stages.sort(key=lambda stage: (stage["rule"], sorted(stage["wildcards"].items())))
    _check_links(stages)
    commit, changed = git_commit()
    for stage in stages:
        script = script_of(stage["rule"])
        # A stage that was made before the last edit was made by none of what is here.
        known = script.is_file() and code_digest(script) == stage["code"] and not changed
        stage["commit"] = commit if known else None
    _write(out, config, common_record(features), stages, (commit, changed))


def write_command(
    out: Path,
    models: Sequence[Path],
    settings: Mapping[str, object],
    weights: Mapping[str, object],
    code: str,
) -> None:
    """Write the chain of a table that a command made of trained models, beside the table.

    Parameters
    ----------
    out
        The table.
    models
        The checkpoints it was made with.
    settings, weights
        What it was made with, and what the features it stands on were computed with.
    code
        The digest of the code.
    """
    version = commit, changed = git_commit()
    places = {os.path.relpath(path, out.parent).replace(os.sep, "/"): digest_of(path) for path in models}
    stage = {
        "rule": "mimamo predict",
        "wildcards": {},
        "code": code,
        "commit": None if changed else commit,
        "settings": portable(settings),
        "inputs": places,
        "outputs": {out.name: digest_of(out)},
    }
    _write(beside(out), settings, weights, [stage], version)


def beside(table: Path) -> Path:
    """Return where the chain of a table lies that is no part of a run of the workflow."""
    return table.with_name(f"{table.name}.json")


def _write(
    out: Path,
    config: Mapping[str, object],
    weights: Mapping[str, object],
    stages: Sequence[Mapping],
    version: tuple[str | None, bool],
) -> None:
    chain = {
        "mimamo": __version__,
        "commit": version[0],
        "changed": version[1],
        "package": package_digest(),
        "config": portable(config),
        "weights": weights,
        "stages": stages,
    }
    with written_whole(out) as fresh:
        fresh.write_text(json.dumps(chain, indent=2, sort_keys=True) + "\n")


def _relative(stage: dict, folder: Path) -> dict:
    """Give a record's paths relative to the folder of the chain; other ones by their name alone."""
    for side in ("inputs", "outputs"):
        pairs = stage[side].items()
        stage[side] = {os.path.relpath(path, folder).replace(os.sep, "/"): digest for path, digest in pairs}
    return stage


def _check_links(stages: Sequence[Mapping]) -> None:
    made = {path: (stage, digest) for stage in stages for path, digest in stage["outputs"].items()}
    for stage in stages:
        for path, digest in stage["inputs"].items():
            if path in made and made[path][1] != digest:
                raise InputError(
                    f"{path}: expected the bytes that {stage['rule']} read, found that "
                    f"{made[path][0]['rule']} wrote other ones; delete the file, so that the workflow makes "
                    "it and what follows anew"
                )


def git_commit() -> tuple[str | None, bool]:
    """Return the commit that the package's files are of, or None, and whether they differ from it.

    Only where git tracks the package: it may be installed inside somebody else's repository.
    """
    try:
        _git("ls-files", "--error-unmatch", "__init__.py")
        commit = _git("rev-parse", "HEAD").strip()
        return commit, bool(_git("status", "--porcelain", "--", PACKAGE.parent).strip())
    except (OSError, subprocess.SubprocessError):
        return None, False


def _git(*arguments: object) -> str:
    command = ["git", "-C", str(PACKAGE), *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, check=True, timeout=30).stdout


# Reading --------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Chain:
    """A chain that was read: the `folder` that its paths are relative to, and its `content`."""

    folder: Path
    content: dict

    @property
    def stages(self) -> list[dict]:
        """The jobs, those that came last first."""
        made = {path: number for number, stage in enumerate(self._stages) for path in stage["outputs"]}

        def depth(stage: Mapping) -> int:
            before = [self._stages[made[path]] for path in stage["inputs"] if path in made]
            return 1 + max(map(depth, before), default=0)

        return sorted(self._stages, key=lambda stage: -depth(stage))

    @property
    def _stages(self) -> list[dict]:
        return self.content["stages"]

    def digests(self) -> dict[str, tuple[str, str]]:
        """Return rule and digest of every file by its path; the rule is empty where no job recorded one."""
        found = {path: ("", digest) for stage in self._stages for path, digest in stage["inputs"].items()}
        for stage in self._stages:
            found.update({path: (stage["rule"], digest) for path, digest in stage["outputs"].items()})
        return found


def find_chain(target: Path, chain: Path | None = None) -> Chain:
    """Read the chain that `target` is part of, or the one in the file `chain`.

    Raises
    ------
    InputError
        Where there is no such thing, or no chain, or the file is none.
    """
    if not target.exists():
        raise InputError(
            f"{target}: expected a submission or another result, found nothing there; correct it"
        )
    if chain is None:
        target = target.resolve()
        places = [place / FILE for place in [target, *target.parents][:_LEVELS]]
        if target.is_file():
            places.insert(0, beside(target))
        chain = next((place for place in places if place.is_file()), None)
        if chain is None:
            raise InputError(
                f"{target}: expected {FILE} in its folder or one above it, found none; name it with --chain"
            )
    try:
        content = json.loads(chain.read_text())
        found = Chain(chain.parent, content)
        assert_chain(found)
    except (OSError, ValueError, TypeError, KeyError, AttributeError, RecursionError) as error:
        raise InputError(
            f"{chain}: expected the chain that the workflow writes, found something else "
            f"({type(error).__name__}); run the workflow, or name another file with --chain"
        ) from error
    return found


def assert_chain(chain: Chain) -> None:
    """Touch everything that is read of a chain; raises KeyError, TypeError and the like where it is none."""
    _ = [chain.content[key] for key in ("mimamo", "commit", "changed", "package", "config")]
    _ = [chain.content["weights"][key] for key in ("name", "sha256")]
    _ = [
        (stage["rule"], stage["code"], stage["commit"], stage["wildcards"].items()) for stage in chain.stages
    ]
    _ = [path + digest for path, (_, digest) in chain.digests().items()]


def check_chain(chain: Chain, target: Path, caches: bool = False) -> tuple[dict[str, str], Findings]:
    """Compare files with the digests in their chain.

    Parameters
    ----------
    chain
        The chain.
    target
        A file or folder that should be of it.
    caches
        Whether to read phase differences and features too.

    Returns
    -------
    states : dict
        ``ok``, ``changed``, ``gone`` or ``not read`` for every path of the chain.
    findings : Findings
        Changed files, and a target that is not of the chain, are problems; missing files are not.
    """
    states, findings = {}, Findings()
    known = chain.digests()
    for path, (rule, digest) in known.items():
        place = chain.folder / path
        if not place.exists():
            states[path] = "gone"
        elif rule in CACHES and not caches:
            states[path] = "not read"
        else:
            states[path] = "ok" if digest_of(place) == digest else "changed"
        if states[path] == "changed":
            findings.wrong(f"{place}: expected the bytes with the digest {digest[:16]}, found other ones")
    _check_target(chain, target, set(known), {digest for _, digest in known.values()}, findings)
    return states, findings


def _check_target(chain: Chain, target: Path, paths: set[str], digests: set[str], findings: Findings) -> None:
    """Find out whether a file or folder is of the chain: by where it lies, or by its bytes."""
    if target.is_dir() and target.resolve().is_relative_to(chain.folder.resolve()):
        inside = target.resolve().relative_to(chain.folder.resolve())
        if any(Path(path).is_relative_to(inside) for path in paths):
            return
    if digest_of(target) not in digests:
        findings.wrong(f"{target}: expected a file or folder of this chain, found bytes that it did not make")


def chain_lines(chain: Chain, states: Mapping[str, str]) -> Iterator[str]:
    """Yield the lines that tell a chain to a person, from the submission back to the weights."""
    import yaml

    content = chain.content
    changed = ", with changes that are not in it" if content["changed"] else ""
    weights = dict(content["weights"])
    yield f"Weights: {weights.pop('name')}, SHA-256 {weights.pop('sha256')}"
    yield "  " + ", ".join(f"{key} {value}" for key, value in sorted(weights.items()))
    yield f"Code: mimamo {content['mimamo']}, package {content['package'][:16]}"
    yield f"  commit {content['commit']}{changed}" if content["commit"] else "  of no git commit"
    yield "Stages, the last first:"
    for stage in chain.stages:
        yield from _stage_lines(stage, states, content["commit"])
    yield "Configuration:"
    for line in yaml.safe_dump(content["config"], default_flow_style=None, width=100).splitlines():
        yield f"  {line}"


def _stage_lines(stage: Mapping, states: Mapping[str, str], commit: str | None) -> Iterator[str]:
    wildcards = "".join(f" {key} {value}" for key, value in sorted(stage["wildcards"].items()) if value)
    of_it = "" if commit is None else ", the commit's" if stage["commit"] == commit else ", not the commit's"
    yield f"  {stage['rule']}{wildcards}, code {stage['code'][:16]}{of_it}"
    if stage["rule"] not in CACHES:
        for path, digest in sorted(stage["inputs"].items()):
            yield f"    from {path}  {digest[:16]}"
    for path, digest in sorted(stage["outputs"].items()):
        yield f"    made {path}  {digest[:16]}  {states[path]}"
