"""Content of files that runs code when it is read without care."""

from pathlib import Path


class Payload:
    """Unpickling it makes a file."""

    def __init__(self, trap: Path) -> None:
        self.trap = trap

    def __reduce__(self):
        return (Path.touch, (self.trap,))
