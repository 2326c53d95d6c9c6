"""The HTML report of a run, which a reader opens first: results/report.html, by `mimamo.page.build`."""
