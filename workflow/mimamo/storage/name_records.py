"""Records of a stage that works name by name: what each name's result was made from.

A job works on a batch of names, and a result belongs to its name alone: it is a file in the folder of the
stage, with a record ``<name>.json`` beside it. The record has the *key* of the result, a digest of all that
it depends on. So a result is made again where its key is another, whatever batch its name is in and whatever
is done about other names; and a job that was killed has lost only the name that it was at.

Imported whenever the Snakefile is read, so it needs nothing beyond the standard library.
"""

from __future__ import annotations

import hashlib
import json
import logging
import os
import shutil
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from mimamo.errors import ConfigError, InputError
from mimamo.storage.files import atomic_write

logger = logging.getLogger(__name__)


def key_of(*parts: object) -> str:
    """Return the digest of values that JSON can hold: of all that a result depends on."""
    return hashlib.sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest()


@dataclass(frozen=True)
class NameRecords:
    """The records of one stage.

    Attributes
    ----------
    folder
        The folder of the records and the results.
    suffix
        The suffix of a name's result beside its record; empty where the record is all of the result.
    """

    folder: Path
    suffix: str = ""

    def path(self, name: str) -> Path:
        """Return the path of a name's record."""
        return self.folder / f"{name}.json"

    def result(self, name: str) -> Path:
        """Return the path of a name's result."""
        return self.folder / f"{name}{self.suffix}" if self.suffix else self.path(name)

    def key(self, name: str) -> str | None:
        """Return the key of a name's result; None where it has no result, or no record that can be read."""
        try:
            key = json.loads(self.path(name).read_bytes())["key"]
        except (OSError, ValueError, TypeError, KeyError):
            return None
        return key if self.result(name).is_file() else None

    def pending(self, keys: Mapping[str, str]) -> list[str]:
        """Return the names whose results are not those of `keys`, sorted."""
        return sorted(name for name, key in keys.items() if self.key(name) != key)

    def write(self, name: str, key: str, content: Mapping[str, object]) -> None:
        """Write a name's record, after its result; an older record is removed before the result is made."""
        with atomic_write(self.path(name)) as fresh:
            fresh.write_text(json.dumps({**content, "key": key}, indent=1, sort_keys=True) + "\n")

    def read(self, name: str) -> dict:
        """Read a name's record.

        Raises
        ------
        InputError
            Where there is none that can be read.
        """
        try:
            content = json.loads(self.path(name).read_bytes())
            return {**content, "key": content["key"]}
        except (OSError, ValueError, TypeError, KeyError) as error:
            raise InputError(
                f"{self.path(name)}: expected the record of what was made for {name}, found none that can be "
                f"read ({type(error).__name__}); delete it, so that the workflow recreates it"
            ) from None

    def take_over(self, keys: Mapping[str, str], others: Iterable[Path]) -> None:
        """Take over the results of other runs that have the keys of names without such a result here.

        A result becomes a hard link, or a copy on another file system: it is never changed in place, and each
        run may remove its own.

        Parameters
        ----------
        keys
            The key of every name.
        others
            The folders of the same stage in other runs.
        """
        for other in (NameRecords(folder, self.suffix) for folder in others):
            taken = [name for name in self.pending(keys) if self._take(other, name, keys[name])]
            logger.info("%s: took over %d of %d names", other.folder, len(taken), len(keys))

    def _take(self, other: NameRecords, name: str, key: str) -> bool:
        """Take over one result where it has this key, and return whether it has."""
        if other.key(name) != key:
            return False
        self.forget([name])
        with atomic_write(self.result(name)) as fresh:
            try:
                os.link(other.result(name), fresh)
            except OSError:
                shutil.copyfile(other.result(name), fresh)
        # The other run removes its record before it makes a result anew, as it may have done meanwhile.
        if other.key(name) != key:
            return False
        self.write(name, key, other.read(name))
        return True

    def forget(self, names: Iterable[str] | None = None) -> None:
        """Remove the records of some names, or all, so that their results are made anew."""
        paths = self.folder.glob("*.json") if names is None else map(self.path, names)
        for path in paths:
            path.unlink(missing_ok=True)


def check_reused(results: Iterable[str]) -> None:
    """Raise ConfigError unless each folder that caches are to be taken over from holds some."""
    for folder in map(Path, results):
        if not any((folder / stage).is_dir() for stage in ("phase", "features")):
            raise ConfigError(
                "Configuration: reuse is to name folders of results, with phase/ or features/ in them, "
                f"found none in {folder.absolute()}; correct it, for example to /path/to/other/results."
            )


def recorded_key(record: str | os.PathLike) -> str | None:
    """Return the key in the record of a job, see `mimamo.provenance.record`; None where there is none."""
    return recorded_setting(record, "key")


def recorded_setting(record: str | os.PathLike, setting: str) -> Any:
    """Return a setting in the record of a job, see `mimamo.provenance.record`; None where there is none."""
    try:
        return json.loads(Path(record).read_bytes())["settings"][setting]
    except (OSError, ValueError, TypeError, KeyError):
        return None
