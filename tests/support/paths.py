"""Where the repository and the test data lie."""

from pathlib import Path

REPO = Path(__file__).resolve().parents[2]
#: The workflow's own folder, which the package lies in.
WORKFLOW = REPO / "workflow"
#: The configuration of a tiny run of the demo.
TINY = REPO / "tests" / "support" / "tiny.yaml"
