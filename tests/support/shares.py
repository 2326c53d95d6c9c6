"""Two processes of pytest that run the tests side by side, and take the modules from each other.

Each collects everything. The first begins with the modules that wait for a whole run, which only it makes;
the second begins at the other end, with the last of those that need none. A file of a module's number in a
common folder says that one of them has taken it.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from support.whole_runs import fixtures_of_modules, place_of


class Shares:
    """The plugin of one of the two processes.

    Parameters
    ----------
    folder
        The common folder, which is there.
    share
        Which of the two this process is: "first" or "second".
    """

    def __init__(self, folder: Path, share: str) -> None:
        self.folder, self.share = folder, share
        self.taken: dict[object, bool] = {}
        self.numbers: dict[object, int] = {}

    @pytest.hookimpl(trylast=True)
    def pytest_collection_modifyitems(self, config: pytest.Config, items: list[pytest.Item]) -> None:
        """Put the modules into this process's order; the second leaves those that wait for a whole run."""
        fixtures = fixtures_of_modules(items)
        self.numbers = {module: number for number, module in enumerate(fixtures)}
        waits = {module: place_of(names) >= 0 for module, names in fixtures.items()}
        if self.share == "first":
            items.sort(key=lambda item: not waits[item.module])
        else:
            left = [item for item in items if waits[item.module]]
            config.hook.pytest_deselected(items=left)
            items[:] = [item for item in items if not waits[item.module]]
            items.sort(key=lambda item: -self.numbers[item.module])

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtest_protocol(self, item: pytest.Item) -> bool | None:
        """Pass over a test whose module the other process has taken."""
        if item.module not in self.taken:
            self.taken[item.module] = self.take(self.numbers[item.module])
        return None if self.taken[item.module] else True

    def take(self, number: int) -> bool:
        """Take a module, and return whether it was still to be had."""
        try:
            (self.folder / str(number)).touch(exist_ok=False)
        except FileExistsError:
            return False
        return True
