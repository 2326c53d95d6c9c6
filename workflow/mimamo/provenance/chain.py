"""The provenance chain of a submission, back to weights, settings and code: writing, reading, checking."""

from __future__ import annotations

import json
import logging
import os
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import groupby
from pathlib import Path

from mimamo import __version__
from mimamo.errors import InputError
from mimamo.features.record import common_records
from mimamo.findings import Findings
from mimamo.provenance.record import portable, script_of
from mimamo.provenance.source_code import PACKAGE, code_digest, package_digest
from mimamo.storage.files import atomic_write, digest_of, visible_files
from mimamo.storage.name_records import NameRecords

logger = logging.getLogger(__name__)

FILE = "provenance.json"

#: Folder of a run's results, and of runs that have a folder of their own.
RESULTS, RUNS = "results", "runs"

#: Number of folders, from a text of a submission upwards, in which its chain is looked for: as deep as
#: results/submissions/<name>/submission/per_video.
_LEVELS = 6

#: Files in a folder that are listed one by one.
_MANY = 5

#: Rules whose outputs are too large to be hashed again unless requested.
CACHES = ("phase", "features", "brought", "audio")

#: What is written of weights where no stream is one of a backbone.
NO_WEIGHTS = {"name": "none", "sha256": ""}


# Writing --------------------------------------------------------------------------------------------------


def write_chain(
    records: Sequence[Path],
    by_name: Sequence[NameRecords],
    names: Sequence[str],
    features: Mapping[str, str | os.PathLike],
    config: Mapping[str, object],
    out: Path,
    caveat: str = "",
) -> None:
    """Join the records of all jobs into one chain and write it.

    Parameters
    ----------
    records
        The records of the jobs, see `mimamo.provenance.record`.
    by_name, names
        The records of what is made name by name, and the names.
    features
        The folder of the features of every stream of a backbone.
    config
        The configuration.
    out
        The file to write; the paths in it are relative to its folder.
    caveat
        What the results have to be shown with.

    Raises
    ------
    InputError
        Where a job read other bytes than the job that produced the file wrote.
    """
    stages = [json.loads(Path(path).read_text()) for path in records]
    stages += [stage for stage_records in by_name for stage in _stages_of_names(stage_records, names)]
    stages = [_relative(stage, Path(out).parent) for stage in stages]
    stages.sort(key=lambda stage: (stage["rule"], sorted(stage["wildcards"].items())))
    _check_links(stages)
    commit, changed = git_commit()
    for stage in stages:
        script = script_of(stage["rule"])
        # A stage that ran before the last edit of its code did not run the code of this commit.
        current = script.is_file() and code_digest(script) == stage["code"] and not changed
        stage["commit"] = commit if current else None
    weights = chain_weights(common_records(features, names))
    _write(out, config, weights, stages, (commit, changed), caveat)


def chain_weights(records: Mapping[str, Mapping[str, object]]) -> Mapping[str, object]:
    """Return what a chain has of the weights: the record of the features, or names and records by stream."""
    if len(records) <= 1:
        return next(iter(records.values()), NO_WEIGHTS)
    texts = {key: ", ".join(str(record[key]) for record in records.values()) for key in ("name", "sha256")}
    return {**texts, "streams": dict(records)}


def _stages_of_names(records: NameRecords, names: Sequence[str]) -> list[dict]:
    """Return what was made name by name as stages, one for all names with the same code and settings."""
    stages: dict[str, dict] = {}
    for name in names:
        content = records.read(name)
        about = {key: content[key] for key in ("rule", "code", "settings")}
        stage = stages.setdefault(
            json.dumps(about, sort_keys=True), {**about, "wildcards": {}, "inputs": {}, "outputs": {}}
        )
        stage["inputs"] |= content.get("files", {})
        path = records.result(name)
        stage["outputs"][str(path)] = content.get("sha256") or digest_of(path)
    return list(stages.values())


def write_command(
    out: Path,
    models: Sequence[Path],
    settings: Mapping[str, object],
    weights: Mapping[str, object],
    code: str,
    caveat: str,
) -> None:
    """Write the chain of a table that a command computed with trained models, beside the table.

    Parameters
    ----------
    out
        The table.
    models
        The checkpoints that were used.
    settings, weights
        The settings that were used, and the record of how the features were computed.
    code
        The digest of the code.
    caveat
        What the table has to be shown with.
    """
    version = commit, changed = git_commit()
    inputs = {os.path.relpath(path, out.parent).replace(os.sep, "/"): digest_of(path) for path in models}
    stage = {
        "rule": "mimamo predict",
        "wildcards": {},
        "code": code,
        "commit": None if changed else commit,
        "settings": portable(settings),
        "inputs": inputs,
        "outputs": {out.name: digest_of(out)},
    }
    _write(chain_path_for(out), settings, weights, [stage], version, caveat)


def chain_path_for(table: Path) -> Path:
    """Return the path of the chain of a table that was not computed by a run of the workflow."""
    return table.with_name(f"{table.name}.json")


def _write(
    out: Path,
    config: Mapping[str, object],
    weights: Mapping[str, object],
    stages: Sequence[Mapping],
    version: tuple[str | None, bool],
    caveat: str,
) -> None:
    """Write a chain as JSON; `version` is the result of `git_commit`."""
    chain = {
        "mimamo": __version__,
        "commit": version[0],
        "changed": version[1],
        "caveat": caveat,
        "package": package_digest(),
        "config": portable(config),
        "weights": weights,
        "stages": stages,
    }
    with atomic_write(out) as fresh:
        fresh.write_text(json.dumps(chain, indent=2, sort_keys=True) + "\n")


def _relative(stage: dict, folder: Path) -> dict:
    """Return a record with its paths relative to the folder of the chain."""
    for side in ("inputs", "outputs"):
        pairs = stage[side].items()
        stage[side] = {os.path.relpath(path, folder).replace(os.sep, "/"): digest for path, digest in pairs}
    return stage


def _check_links(stages: Sequence[Mapping]) -> None:
    """Raise InputError where a stage read other bytes than the stage that produced the file wrote."""
    outputs = {path: (stage, digest) for stage in stages for path, digest in stage["outputs"].items()}
    for stage in stages:
        for path, digest in stage["inputs"].items():
            if path in outputs and outputs[path][1] != digest:
                raise InputError(
                    f"{path}: expected the bytes that {stage['rule']} read, found that "
                    f"{outputs[path][0]['rule']} wrote other ones; delete the file, so that the workflow "
                    "recreates it and all later results"
                )


def git_commit() -> tuple[str | None, bool]:
    """Return the commit of the package's files, or None, and whether they differ from it.

    Only where git tracks the package: it may be installed inside another repository.
    """
    try:
        _git("ls-files", "--error-unmatch", "__init__.py")
        commit = _git("rev-parse", "HEAD").strip()
        return commit, bool(_git("status", "--porcelain", "--", PACKAGE.parent).strip())
    except (OSError, subprocess.SubprocessError):
        return None, False


def _git(*arguments: object) -> str:
    """Run git in the package's folder and return its output."""
    command = ["git", "-C", str(PACKAGE), *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, check=True, timeout=30).stdout


# Reading --------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Chain:
    """A chain read from a file: the `folder` that its paths are relative to, and its `content`."""

    folder: Path
    content: dict

    @property
    def stages(self) -> list[dict]:
        """The stages, those that ran last first."""
        producers = {path: stage for stage in self._stages for path in stage["outputs"]}
        return sorted(self._stages, key=lambda stage: -_depth(producers, stage))

    @property
    def _stages(self) -> list[dict]:
        """The stages in the order of the file."""
        return self.content["stages"]

    def digests(self) -> dict[str, tuple[str, str]]:
        """Return rule and digest of every file by its path; the rule is empty where no stage wrote it."""
        files = {path: ("", digest) for stage in self._stages for path, digest in stage["inputs"].items()}
        for stage in self._stages:
            files.update({path: (stage["rule"], digest) for path, digest in stage["outputs"].items()})
        return files


def _depth(producers: Mapping[str, Mapping], stage: Mapping) -> int:
    """Return the number of stages on the longest path to `stage`; `producers` are stages by output path."""
    before = [producers[path] for path in stage["inputs"] if path in producers]
    return 1 + max(map(partial(_depth, producers), before), default=0)


def find_chain(target: Path, chain: Path | None = None) -> Chain:
    """Read the chain that `target` is part of, or the one in the file `chain`.

    A chain lies beside `target` or above it. Of a copy that was taken elsewhere, it is that of the run in the
    working folder or in the workflow's own, where this has the bytes of the copy.

    Raises
    ------
    InputError
        Where `target` does not exist, or has no chain, or the file is not a chain.
    """
    if not target.exists():
        raise InputError(
            f"{target}: expected a submission or another result, found nothing there; correct it"
        )
    if chain is not None:
        return read_chain(chain)
    near, far = _chains_near(target.resolve()), _chains_of_runs()
    for place in [*near, *far]:
        try:
            found = read_chain(place)
        except InputError:
            continue
        if not _strangers(found, target):
            return found
    if near:
        # The check of it says what does not belong to it.
        return read_chain(near[0])
    raise InputError(
        f"{target}: expected {FILE} in its folder or one above it, or a run in the working folder that made "
        f"it, found none; copy the run's {FILE} beside it, or name it with --chain"
    )


def _chains_near(target: Path) -> list[Path]:
    """Return the files beside `target` and in the folders above it that may be its chain, nearest first."""
    places = [place / FILE for place in [target, *target.parents][:_LEVELS]]
    if target.is_file():
        places.insert(0, chain_path_for(target))
    return [place for place in places if place.is_file()]


def _chains_of_runs() -> list[Path]:
    """Return the chains of the runs in the working folder, in one above it, and in the workflow's own.

    Those of runs in folders below them, see `RUNS`, come last.
    """
    here = Path.cwd()
    folders = [*[here, *here.parents][:_LEVELS], PACKAGE.parent.parent]
    below = [place for folder in folders for place in sorted(folder.glob(f"{RUNS}/*/{RESULTS}/{FILE}"))]
    return [place for folder in folders if (place := folder / RESULTS / FILE).is_file()] + below


def read_chain(chain: Path) -> Chain:
    """Read a chain from a file; raise InputError where there is none in it."""
    try:
        content = json.loads(chain.read_text())
        found = Chain(chain.parent, content)
        validate_chain(found)
    except (OSError, ValueError, TypeError, KeyError, AttributeError, RecursionError) as error:
        raise InputError(
            f"{chain}: expected the chain that the workflow writes, found something else "
            f"({type(error).__name__}); run the workflow, or name another file with --chain"
        ) from error
    return found


def validate_chain(chain: Chain) -> None:
    """Access all entries that are read of a chain; raise KeyError, TypeError or the like where it is none."""
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
        A file or folder that should belong to it.
    caches
        Whether to hash phase differences and features as well.

    Returns
    -------
    states : dict
        ``ok``, ``changed``, ``gone`` or ``not read`` for every path of the chain.
    findings : Findings
        Changed files, and a target that is not part of the chain, are problems; missing files are not.
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
            findings.add_problem(
                f"{place}: expected the bytes with the digest {digest[:16]}, found other ones"
            )
    if strangers := _strangers(chain, target):
        which = "" if strangers == [target] else f" in {len(strangers)} files, such as {strangers[0]}"
        findings.add_problem(
            f"{target}: expected a file or folder of this chain, found bytes that it did not make{which}"
        )
    return states, findings


def _strangers(chain: Chain, target: Path) -> list[Path]:
    """Return what is not part of a chain: `target`, files in it where it is a copied folder, or nothing."""
    known = chain.digests()
    if target.is_dir() and target.resolve().is_relative_to(chain.folder.resolve()):
        inside = target.resolve().relative_to(chain.folder.resolve())
        # Where it is the folder of the run, not one that the chain was copied into.
        if any(Path(path).is_relative_to(inside) and (chain.folder / path).exists() for path in known):
            return []
    digests = {digest for _, digest in known.values()}
    if digest_of(target) in digests:
        return []
    files = [path for path in visible_files(target) if path.name != FILE] if target.is_dir() else []
    return [path for path in files if digest_of(path) not in digests] if files else [target]


def chain_lines(chain: Chain, states: Mapping[str, str]) -> Iterator[str]:
    """Yield the lines of a chain's description for the user, from the submission back to the weights."""
    import yaml

    content = chain.content
    changed = ", with changes that are not in it" if content["changed"] else ""
    # Those of earlier versions have none.
    if caveat := content.get("caveat"):
        yield f"Caveat: {caveat}"
    weights = dict(content["weights"])
    by_stream = weights.pop("streams", {"": weights})
    for stream, record in by_stream.items():
        others = ", ".join(f"{key} {record[key]}" for key in sorted(record.keys() - {"name", "sha256"}))
        yield f"Weights{stream and ' of ' + stream}: {record['name']}, SHA-256 {record['sha256']}"
        yield f"  {others}"
    yield f"Code: mimamo {content['mimamo']}, package {content['package'][:16]}"
    yield f"  commit {content['commit']}{changed}" if content["commit"] else "  of no git commit"
    yield "Stages, the last first:"
    for stage in chain.stages:
        yield from _stage_lines(stage, states, content["commit"])
    yield "Configuration:"
    for line in yaml.safe_dump(content["config"], default_flow_style=None, width=100).splitlines():
        yield f"  {line}"


def _stage_lines(stage: Mapping, states: Mapping[str, str], commit: str | None) -> Iterator[str]:
    """Yield the lines of one stage: rule, wildcards, code, inputs and outputs."""
    wildcards = "".join(f" {key} {value}" for key, value in sorted(stage["wildcards"].items()) if value)
    origin = "" if commit is None else ", the commit's" if stage["commit"] == commit else ", not the commit's"
    yield f"  {stage['rule']}{wildcards}, code {stage['code'][:16]}{origin}"
    if stage["rule"] not in CACHES:
        for path, digest in sorted(stage["inputs"].items()):
            yield f"    from {path}  {digest[:16]}"
    yield from _output_lines(stage["outputs"], states)


def _output_lines(outputs: Mapping[str, str], states: Mapping[str, str]) -> Iterator[str]:
    """Yield the lines of a stage's outputs; one for a folder of many files that are all in the same state."""
    for folder, group in groupby(sorted(outputs), key=os.path.dirname):
        paths = list(group)
        if len(paths) > _MANY and len(common := {states[path] for path in paths}) == 1:
            yield f"    made {len(paths)} files in {folder}  {common.pop()}"
        else:
            yield from (f"    made {path}  {outputs[path][:16]}  {states[path]}" for path in paths)
