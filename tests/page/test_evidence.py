import re

from support.page import plots


def test_evidence_is_shown_and_other_peoples_numbers_are_marked(page):
    shown = plots(page)
    symbols = shown["comparison0_ccc"]["data"][0]["marker"]["symbol"]
    assert symbols[0] == "circle" and symbols[-1] == "circle-open"
    other = re.findall(r'<tr class="other">.*?</tr>', page, re.DOTALL)
    assert len(other) == symbols.count("circle-open") > 5
    assert all("other people&#39;s number" in row.replace("'", "&#39;") for row in other)
    report = next(row for row in other if "2105.01502" in row)
    assert "0.415" in report and "0.511" in report
    # The reference has no difference to itself.
    assert shown["ablations0_difference"]["data"][0]["customdata"] == ["spatial", "temporal", "head tcn"]
    assert '−0.500 <span class="interval">−0.625 to −0.250</span>' in page
    assert shown["ablations0_difference"]["data"][0]["error_x"]["arrayminus"] is not None
    assert "0.912" in page and "0.412" in page
    assert "savitzky golay" in page and "out of fold" in page
