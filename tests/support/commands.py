"""What the commands of the project say."""

import pytest


def sentence(capsys: pytest.CaptureFixture[str]) -> str:
    """Give the one sentence of a command that failed."""
    errors = [line for line in capsys.readouterr().err.splitlines() if line.startswith("ERROR")]
    assert len(errors) == 1
    return errors[0]
