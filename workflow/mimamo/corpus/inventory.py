"""The versions of the data set's files: whether what is on disk is what was read before.

Snakemake compares the times of a job's inputs with those of its outputs. That misses a crop that is
overwritten in place (the time of its folder stays), a corrected file that is unpacked with an old date, and
files that appear later. So the jobs that read the data set have the *version* of what they read among their
parameters. As long as the size, the time and the inode change time of every file are those recorded, the
recorded version holds. Where one differs, the content decides: the version stays where the content is the
same, and is new otherwise.

Imported whenever the Snakefile is read, so it needs nothing beyond the standard library.
"""

from __future__ import annotations

import hashlib
import json
import os
import sys
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass
from pathlib import Path

from mimamo.corpus.layout import Corpus
from mimamo.storage.files import atomic_write

#: What belongs to a name, besides the features that are brought.
PARTS = ("crops", "annotation", "containers")

#: Reading sizes and times waits for the disk, most of all for one on the network.
_THREADS = 8
#: Seconds after which a check of all files reports its progress, and from then on.
_PATIENCE, _INTERVAL = 3.0, 5.0


@dataclass(frozen=True)
class Entry:
    """What is recorded of one part of a name when it is read.

    Attributes
    ----------
    paths
        The files, or the folder of crops.
    stat
        Digest of names, sizes, times and inode change times, from `stat_digest`.
    content
        Digest of names and bytes, from `content_digest`; None where the files changed while they were read,
        or were not read in full.
    version
        The version that the jobs which read this part depend on.
    """

    paths: list[str]
    stat: str
    content: str | None
    version: str

    def state(self, full: bool = False) -> str:
        """Return ``same``, ``changed`` or ``gone`` for the files on disk; `full` compares every byte."""
        paths = [Path(path) for path in self.paths]
        if not all(path.exists() for path in paths):
            return "gone"
        if stat_digest(paths) == self.stat and not (full and self.content):
            return "same"
        return "same" if self.content and content_digest(paths) == self.content else "changed"


class Inventory:
    """The recorded and the current versions of the files of a corpus.

    Parameters
    ----------
    corpus
        The data set.
    folder
        The folder of records, one JSON file a name.
    first
        The version of what was never read; by default it is taken from sizes and times.
    full
        Whether to compare the content of every recorded file, and not only where size or times differ.
    """

    def __init__(self, corpus: Corpus, folder: Path, first: str | None = None, full: bool = False) -> None:
        self.corpus, self.folder, self.first, self.full = corpus, folder, first, full
        self._known: dict[str, dict[str, str]] = {}

    def versions(self, name: str) -> dict[str, str]:
        """Return the version of every part of a name. They are determined once."""
        if name not in self._known:
            entries, paths = read_entries(self.folder / f"{name}.json"), paths_of(self.corpus, name)
            known = {part: self._version(part, paths[part], entries.get(part)) for part in paths}
            if self.corpus.makes_crops:
                known["crops"] = self._version_of_made(
                    paths["crops"], entries.get("crops"), known["containers"]
                )
            self._known[name] = known
        return self._known[name]

    def recorded(self, name: str) -> dict[str, str]:
        """Return the recorded versions of a name, without a look at its files; `versions` without any."""
        entries = read_entries(self.folder / f"{name}.json")
        return {part: entry.version for part, entry in entries.items()} if entries else self.versions(name)

    def check(self, names: Iterable[str], report: Callable[[str], None] | None = None) -> None:
        """Determine the versions of all names, side by side, and report the progress where it takes long.

        Parameters
        ----------
        names
            The names.
        report
            Is called with a sentence; prints to the error stream by default.
        """
        names, started = list(names), time.monotonic()
        last = started + _PATIENCE - _INTERVAL
        report = report or (lambda sentence: print(sentence, file=sys.stderr, flush=True))
        with ThreadPoolExecutor(_THREADS) as pool:
            for done, _ in enumerate(pool.map(self.versions, names), start=1):
                if time.monotonic() - last > _INTERVAL:
                    last = time.monotonic()
                    what = "content" if self.full else "sizes and times"
                    report(f"Comparing {what} of the data set's files: {done} of {len(names)} names.")

    def _version(self, part: str, paths: list[Path], entry: Entry | None) -> str:
        """Return the version of one part."""
        stat = stat_digest(paths)
        if entry is None:
            # Nobody renders features that are brought.
            return (self.first if part in PARTS else None) or stat
        if stat == entry.stat and not (self.full and entry.content):
            return entry.version
        if entry.content is None:
            return stat
        content = content_digest(paths)
        return entry.version if content == entry.content else content

    def _version_of_made(self, paths: list[Path], entry: Entry | None, containers: str) -> str:
        """Return the version of crops that a rule makes: that of the containers, also before it made them.

        Where somebody changed or removed crops since they were read, something follows it that no version
        before had: the same may happen to them again.
        """
        if entry is None or not entry.version.startswith(containers):
            return containers
        found = self._version("crops", paths, entry)
        if found == entry.version:
            return found
        return f"{containers} {_digest([f'{entry.version} {found}'.encode()])}"


def paths_of(corpus: Corpus, name: str) -> dict[str, list[Path]]:
    """Return the files and folders that belong to a name, by part: those that exist, the one used first."""
    annotation = corpus.annotation(name)
    return {
        "crops": corpus.crop_folders(name),
        "annotation": [] if annotation is None else [annotation],
        "containers": corpus.containers(name),
        **{brought_part(stream): files for stream, files in corpus.brought_files(name).items()},
    }


def brought_part(stream: str) -> str:
    """Return what the files of a stream of features that are brought are called among a name's parts."""
    return f"features of {stream}"


def stat_digest(paths: Iterable[Path]) -> str:
    """Return a digest of the names, sizes, times and inode change times of files, and of those in folders.

    The inode change time cannot be set by a program that unpacks or copies, so no change of content escapes
    it; it also changes where only rights or links do.
    """
    lines = []
    for path, entry in _files(paths):
        try:
            stat = entry.stat()
            state = f"{stat.st_size} {stat.st_mtime_ns} {stat.st_ctime_ns}"
        except OSError as error:
            state = f"errno {error.errno}"
        lines.append(f"{path} {state}\n")
    return _digest(line.encode(errors="surrogateescape") for line in sorted(lines))


def content_digest(paths: Iterable[Path]) -> str:
    """Return a digest of the names and bytes of files, and of those in folders."""
    digests = []
    for path, entry in _files(paths):
        try:
            with open(entry, "rb") as handle:
                content = hashlib.file_digest(handle, _hash).hexdigest()
        except OSError as error:
            content = f"errno {error.errno}"
        digests.append(f"{path} {content}\n")
    return _digest(line.encode(errors="surrogateescape") for line in sorted(digests))


def stat_digests(corpus: Corpus, name: str) -> dict[str, str]:
    """Return the `stat_digest` of every part of a name."""
    return {part: stat_digest(paths) for part, paths in paths_of(corpus, name).items()}


def record(
    corpus: Corpus,
    name: str,
    versions: Mapping[str, str],
    before: Mapping[str, str],
    folder: Path,
    read: Iterable[str] | None = None,
) -> dict[str, str | None]:
    """Record what was read of a name.

    Parameters
    ----------
    corpus
        The data set.
    name
        The name.
    versions
        The versions that the reading job was started for, by part.
    before
        The `stat_digests` from before it was read.
    folder
        The folder of records.
    read
        The parts whose content is recorded too, all by default, so that a change of the times alone changes
        no version.

    Returns
    -------
    dict
        The digest of the content by part; None where it is not known.
    """
    entries = {}
    for part, paths in paths_of(corpus, name).items():
        content = content_digest(paths) if read is None or part in read else None
        # What changed while it was read may be old or new in the results: the next run must see a change.
        unchanged = stat_digest(paths) == before[part]
        absolute = [str(path.absolute()) for path in paths]
        entries[part] = Entry(absolute, before[part], content if unchanged else None, versions[part])
    _write_entries(folder / f"{name}.json", entries)
    return {part: entry.content for part, entry in entries.items()}


def forget(folder: str | os.PathLike) -> None:
    """Remove all records, as a corpus that is rendered anew is another one."""
    for path in Path(folder).glob("*.json"):
        path.unlink(missing_ok=True)


def forget_crops(folder: str | os.PathLike, name: str) -> None:
    """Forget what was read of a name's crops, as they are made anew."""
    path = Path(folder) / f"{name}.json"
    entries = read_entries(path)
    if entries.pop("crops", None) is not None:
        _write_entries(path, entries)


def _write_entries(path: Path, entries: Mapping[str, Entry]) -> None:
    """Write the record of a name."""
    with atomic_write(path) as fresh:
        fresh.write_text(json.dumps({part: asdict(entry) for part, entry in entries.items()}))


def read_entries(path: Path) -> dict[str, Entry]:
    """Read the record of a name; empty where there is none, or one that cannot be read."""
    try:
        return {part: Entry(**entry) for part, entry in json.loads(path.read_text()).items()}
    except (OSError, ValueError, TypeError, AttributeError):
        # It only saves work: without it, everything that was read counts as changed.
        return {}


def _files(paths: Iterable[Path]) -> Iterator[tuple[str, Path | os.DirEntry]]:
    """Yield name and entry of every file; for a folder, of what is in it."""
    for place, path in enumerate(paths):
        try:
            with os.scandir(path) as entries:
                yield from ((f"{place} {path.name}/{entry.name}", entry) for entry in entries)
        except NotADirectoryError:
            yield f"{place} {path.name}", path
        except OSError:
            # It cannot be listed; its own state is all that is known.
            yield f"{place} {path.name}/", path


def _hash() -> hashlib._Hash:
    """Return the hash function: fast, and as safe against chance as SHA-256."""
    return hashlib.blake2b(digest_size=16)


def _digest(parts: Iterable[bytes]) -> str:
    """Return the digest of a sequence of bytes."""
    digest = _hash()
    for part in parts:
        digest.update(part)
    return digest.hexdigest()
