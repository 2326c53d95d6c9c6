"""What a batch of the audit read: recorded for the next run, and listed with digests of the content."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from mimamo.corpus.inventory import PARTS, record
from mimamo.corpus.layout import Corpus
from mimamo.storage.files import write_csv

#: The columns of the table; the digest is empty for containers that were not decoded.
COLUMNS = ("name", "part", "digest")


@dataclass
class BatchRecords:
    """Collects what is read of the names of a batch.

    Attributes
    ----------
    versions
        The versions that the job was started for, by name and part.
    folder
        The folder of records, see `mimamo.corpus.inventory`.
    table
        The table to write: a row for every part of every name.
    """

    versions: Mapping[str, Mapping[str, str]]
    folder: Path
    table: Path
    _rows: list[tuple[str, str, str]] = field(default_factory=list)

    def add(self, corpus: Corpus, name: str, before: Mapping[str, str], decoded: bool) -> None:
        """Record a name that was just read; `before` is the state from before, from `stat_digests`."""
        # The bytes of a container that only tells its header are not worth reading.
        read = PARTS if decoded else [part for part in PARTS if part != "containers"]
        contents = record(corpus, name, self.versions[name], before, self.folder, read)
        self._rows += [(name, part, contents[part] or "") for part in PARTS]

    def write_table(self) -> None:
        """Write the table."""
        import pandas as pd

        write_csv(pd.DataFrame(self._rows, columns=list(COLUMNS)), self.table)
