"""Run all tests in two processes, for the two cores of a small machine: side_by_side.py [OPTIONS OF PYTEST].

The first process writes to the terminal at once; what the second has written follows. Both must succeed.
"""

import subprocess
import sys
import tempfile


def main(options: list[str]) -> int:
    """Run both; return 0 where neither failed.

    Parameters
    ----------
    options
        What both are given besides.
    """
    with tempfile.TemporaryDirectory() as folder, tempfile.TemporaryFile() as said:
        command = [sys.executable, "-m", "pytest", *options, f"--shared={folder}"]
        second = subprocess.Popen([*command, "--share=second"], stdout=said, stderr=subprocess.STDOUT)
        try:
            first = subprocess.run([*command, "--share=first"], check=False).returncode
        finally:
            # Also where this one was interrupted: the terminal's signal has reached the other as well.
            status = second.wait()
            said.seek(0)
            print("\nThe tests that ran beside these:", flush=True)
            print(said.read().decode(errors="replace"), flush=True)
    return first or status


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
