"""The stage of the benchmark that starts the workflow itself."""

from mimamo.bench.start import measure


def test_a_job_and_a_dry_run_over_600_names_are_timed(tmp_path):
    rows = list(measure(tmp_path))
    assert [row.what for row in rows] == ["imports of a job without torch", "dry run over 600 names"]
    assert all(row.value > 0 and row.unit == "s" for row in rows)
