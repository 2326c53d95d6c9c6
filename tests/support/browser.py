"""A real browser for tests of the page: Chromium without a window, driven by Playwright.

    python tests/support/browser.py install

installs Chromium with apt-get where it is missing; needs nothing but the standard library.
"""

from __future__ import annotations

import importlib.util
import os
import shutil
import subprocess
import sys
import time
from pathlib import Path

PROGRAMS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
PACKAGES = ("chromium", "fonts-dejavu-core")


def program() -> str | None:
    """Find the browser; None where there is none."""
    return next((path for name in PROGRAMS if (path := shutil.which(name))), None)


def obstacle() -> str | None:
    """Say in a sentence why there is no browser to test with, or return None."""
    if program() is None:
        return "no Chromium is installed here to open the page with; tests/support/browser.py install gets it"
    if importlib.util.find_spec("playwright") is None:
        return "Playwright is not installed here, so nobody looks at the page; make test installs it"
    return None


def until(tab, script: str, wanted) -> None:
    """Wait for a value. Playwright's own way needs eval, which the pages forbid."""
    deadline = time.monotonic() + 60
    while not wanted(found := tab.evaluate(script)):
        assert time.monotonic() < deadline, (script, found)
        tab.wait_for_timeout(20)


def open_page(tab, page: Path, fragment: str = "") -> None:
    """Open a page in a tab, and wait until its plots and tables are there."""
    tab.goto(f"{page.as_uri()}{fragment}")
    until(tab, "document.documentElement.dataset.tables", lambda seen: seen == "ready")
    if tab.locator("#video").count():
        until(tab, "document.documentElement.dataset.videos", lambda seen: seen == "ready")


def install() -> None:
    """Install Chromium with apt-get; does nothing where a browser is there, or who asks is not root."""
    if program() is not None:
        return
    if os.geteuid() != 0 or shutil.which("apt-get") is None:
        print(
            "Chromium is not installed, and cannot be by this user: the page is not tested", file=sys.stderr
        )
        return
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    for arguments in (("update",), ("install", "-y", "--no-install-recommends", *PACKAGES)):
        subprocess.run(("apt-get", "-qq", *arguments), env=environment, stdout=sys.stderr, check=True)


if __name__ == "__main__":
    if sys.argv[1:] != ["install"]:
        sys.exit(__doc__)
    install()
