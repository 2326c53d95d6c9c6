"""Tables of the pages in a real browser, and what an accessibility checker finds."""

import csv
import io
import time
from importlib.metadata import distribution

import pytest

from mimamo.storage.files import read_csv
from support.browser import open_page

pytestmark = pytest.mark.slow

AXE = distribution("axe-playwright-python").locate_file("axe_playwright_python/axe.min.js")
SCREENS = {1400: "light", 400: "dark"}
NAMES = "rows => rows.map(row => row.cells[0].innerText)"


def names_when(table, wanted):
    """Wait for a table's first column: DataTables sorts and searches in a task after the click."""
    deadline = time.monotonic() + 60
    while not wanted(names := table.locator("tbody tr").evaluate_all(NAMES)):
        assert time.monotonic() < deadline, names
    return names


@pytest.mark.parametrize("width", SCREENS)
@pytest.mark.parametrize("name", ["report.html", "doctor.html"])
def test_axe_finds_nothing(chromium, tiny, name, width):
    # The checker is brought in from outside, which the page's own policy forbids.
    screen = {"viewport": {"width": width, "height": 900}, "color_scheme": SCREENS[width], "bypass_csp": True}
    tab = chromium.new_context(**screen, offline=True).new_page()
    open_page(tab, tiny.results / name)
    tab.evaluate("for (const details of document.querySelectorAll('details')) details.open = true")
    tab.evaluate(AXE.read_text(encoding="utf-8"))
    found = tab.evaluate("axe.run()")
    told = [(one["id"], [node["html"] for node in one["nodes"]]) for one in found["violations"]]
    assert told == [] and len(found["passes"]) > 30
    tab.context.close()


def test_a_table_is_sorted_by_numbers_searched_and_saved(chromium, tiny):
    tab = chromium.new_context(offline=True, accept_downloads=True).new_page()
    open_page(tab, tiny.results / "report.html")
    tab.evaluate("for (const details of document.querySelectorAll('details')) details.open = true")
    table = tab.locator("table", has=tab.locator("caption", has_text="Scores of every video"))
    videos = read_csv(tiny.results / "scores.csv").query("scope == 'video'")
    assert table.locator("tbody tr").evaluate_all(NAMES) == list(videos["id"])
    table.locator("thead th").nth(2).click()
    ordered = list(videos.sort_values("ccc_valence")["id"])
    names_when(table, lambda names: names == ordered)
    whole = tab.locator(".dt-container", has=table)
    with tab.expect_download() as saved:
        whole.get_by_role("button", name="CSV").click()
    rows = list(csv.reader(io.StringIO(saved.value.path().read_text(encoding="utf-8-sig"))))
    assert rows[0][:3] == ["video", "frames", "CCC, valence"]
    assert [float(row[2]) for row in rows[1:]] == pytest.approx(sorted(videos["ccc_valence"]))
    whole.locator("input[type=search]").fill(ordered[-1])
    assert ordered[-1] in names_when(table, lambda names: len(names) < len(videos))
    tab.context.close()


def test_names_of_one_verdict_are_shown_alone(chromium, tiny):
    tab = chromium.new_context(offline=True).new_page()
    open_page(tab, tiny.results / "doctor.html")
    tab.get_by_label("repaired").check()
    shown = "rows => rows.filter(row => row.checkVisibility()).map(row => row.cells[2].innerText)"
    assert set(tab.locator("tbody tr").evaluate_all(shown)) == {"repaired"}
    tab.context.close()
