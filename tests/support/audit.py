"""The audit of single names of a small corpus."""

from pathlib import Path

from mimamo.audit.list_checks import Lists
from mimamo.audit.name_checks import audit_name
from support.corpus import corpus_at

#: Ten lines of an annotation.
PLAIN = [(0.1, 0.2)] * 10


def look(root: Path, name: str, subset: str = "train", decode: bool = True, **data) -> dict[str, object]:
    """Audit a name; return its row of the table."""
    corpus = corpus_at(root, **data)
    return audit_name(corpus, name, subset, Lists.read(corpus), decode).row(corpus)
