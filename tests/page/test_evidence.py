import re

from mimamo.page.evidence import KINDS, read_evidence
from support.page import plots


def test_evidence_is_shown_and_other_peoples_numbers_are_marked(page):
    shown = plots(page)
    symbols = shown["comparison0_ccc"]["data"][0]["marker"]["symbol"]
    assert symbols[0] == "circle" and symbols[-1] == "circle-open"
    other = re.findall(r'<tr class="other">.*?</tr>', page, re.DOTALL)
    assert len(other) == symbols.count("circle-open") > 5
    # Said above the table, and not in each of its rows.
    assert not any("other people" in row for row in other) and page.count("other people&#39;s numbers") == 1
    report = next(row for row in other if "2105.01502" in row)
    assert "0.415" in report and "0.511" in report
    # The reference has no difference to itself.
    assert shown["ablations0_difference"]["data"][0]["customdata"] == ["spatial", "temporal", "head tcn"]
    assert '−0.500 <span class="interval">−0.625 to −0.250</span>' in page
    assert shown["ablations0_difference"]["data"][0]["error_x"]["arrayminus"] is not None
    assert "0.912" in page and "0.412" in page
    assert "savitzky golay" in page and "out of fold" in page


def test_no_two_variants_that_are_compared_have_the_same_label(tiny):
    """Also those that differ in the label delay alone."""
    (kind,) = (kind for kind in KINDS if kind.key == "variants")
    tables = read_evidence(tiny.results / "variants.csv", kind)
    labels = [label for table in tables.values() for label in table["label"]]
    assert any("label delay" in label for label in labels)
    assert all(table["label"].is_unique for table in tables.values())
