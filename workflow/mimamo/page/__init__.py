"""The page that a person opens first: results/report.html; `mimamo.page.build` makes it."""
