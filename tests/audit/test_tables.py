import subprocess
import sys


def test_reading_verdicts_needs_no_opencv(repo):
    code = (
        "import sys, mimamo.audit.tables, mimamo.dataset.labels; print({'cv2', 'pandas'} & set(sys.modules))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=repo / "workflow", capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "set()"
