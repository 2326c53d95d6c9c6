"""The chain of a finished run, joined anew; as a command, prints that of the folder it is called in."""

import json
from pathlib import Path

from mimamo.cli import main
from mimamo.provenance.chain import write_chain
from mimamo.storage.name_records import NameRecords

#: Run as a command, this module joins the chain with the package of another copy of the workflow.
CHAIN_SCRIPT = Path(__file__)


def join(results: Path) -> dict:
    """Write the chain of a folder of results anew."""
    records = [
        path
        for pattern in (
            "*.json",
            "predictions/*.json",
            "test_predictions/*.json",
            "train/*/model.json",
            "caches/*.json",
        )
        for path in sorted(results.glob(pattern))
        if path.name != "provenance.json"
    ]
    out = results.parent / "results" / "provenance.json"
    audit, phase, features = (results / part for part in ("audit/names", "phase", "features"))
    by_name = [NameRecords(audit), NameRecords(phase, ".npy"), NameRecords(features, ".npy")]
    write_chain(
        records,
        by_name,
        sorted(path.stem for path in audit.glob("*.json")),
        {"appearance": features},
        {},
        out,
    )
    return json.loads(out.read_text())


def told(capsys, *arguments: object) -> tuple[int, str, str]:
    """Call the command; return its status and what it wrote to both streams."""
    status = main(["provenance", *map(str, arguments)])
    captured = capsys.readouterr()
    return status, captured.out, captured.err


if __name__ == "__main__":
    print(json.dumps(join(Path("results"))))
