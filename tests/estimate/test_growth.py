"""How the time of rules grows, from runs of one size and of several."""

import pytest

from mimamo.estimate.growth import LEVER, UNITS, growth_of, units
from mimamo.estimate.rates import FinishedRun
from mimamo.estimate.workload import AFFWILD2, Workload
from mimamo.jobs.benchmark_files import rules_text


def run(folder, crops: int, names: int = 10, **seconds: list[float]) -> FinishedRun:
    """Return a finished run with so many crops, half of them of test names."""
    workload = Workload({"train": names - 2, "validation": 1, "test": 1}, crops // 2, crops // 2, "")
    return FinishedRun(folder, workload, {"gaps": [1.0], **seconds}, 1.0)


def test_of_two_sizes_the_part_of_each_job_is_told_from_what_grows(tmp_path):
    """The audit takes 2 s a job and 1 ms a crop, the figures 3 s, whatever the size."""
    runs = [
        run(tmp_path, 2000, audit=[3.0, 3.0], figures=[3.0]),
        run(tmp_path, 20_000, audit=[6.0] * 5, figures=[3.0]),
    ]
    audit, figures = growth_of("audit", runs), growth_of("figures", runs)
    assert audit.start == pytest.approx(2) and audit.rate == pytest.approx(1e-3)
    assert audit.seconds(100, AFFWILD2) == pytest.approx(200 + 2647.921)
    assert figures.seconds(1, AFFWILD2) == pytest.approx(3.0) and not figures.at_most
    assert audit.source == "benchmarks of 2 runs, 2,000 to 20,000 crops"
    assert growth_of("page", runs) is None


def test_noise_makes_no_part_negative(tmp_path):
    runs = [run(tmp_path, 2000, page=[4.0]), run(tmp_path, 20_000, page=[3.0])]
    page = growth_of("page", runs)
    assert page.rate == 0 and 3 < page.start < 4
    runs = [run(tmp_path, 2000, page=[1.0]), run(tmp_path, 20_000, page=[20.0])]
    assert growth_of("page", runs).start == 0


def test_of_one_size_all_beyond_the_shortest_job_counts_as_growing_and_that_is_said(tmp_path):
    runs = [run(tmp_path, 2000, page=[5.0], filters=[2.0])]
    page = growth_of("page", runs)
    assert page.at_most and page.source == f"at most, by benchmarks in {tmp_path}"
    assert page.seconds(1, runs[0].workload) == 5 and page.start == 1
    # Runs of nearly the same size are no better.
    runs.append(run(tmp_path, 2500, page=[5.1]))
    assert growth_of("page", runs).at_most
    # What works on no name grows with none.
    assert growth_of("filters", runs).seconds(1, AFFWILD2) == 2.0


def test_units_are_of_rules_that_there_are():
    assert set(UNITS) <= set(rules_text())
    workload = Workload({"train": 3, "validation": 2, "test": 1}, 70, 30, "")
    found = [units(rule, workload) for rule in ("phase", "labels", "gaps", "audit_table", "filters")]
    assert found == [100, 70, 30, 6, 0]


@pytest.mark.slow
def test_growth_is_read_from_the_files_of_real_runs(tiny, rehearsed):
    """The rehearsal has several times the crops of the tiny demo; docs/rehearsal.md says how long it took."""
    small = FinishedRun.read(tiny.results)
    large = FinishedRun.read(rehearsed[0] / "0.002/results", sampled=True)
    assert large.workload.crops > 3 * small.workload.crops
    rules = set(small.seconds) & set(large.seconds)
    assert len(rules) > 15
    for rule in rules:
        alone, both = growth_of(rule, [small]), growth_of(rule, [small, large])
        took, jobs = sum(small.seconds[rule]), len(small.seconds[rule])
        assert alone.seconds(jobs, small.workload) == pytest.approx(took), rule
        assert alone.at_most == (UNITS.get(rule, "crops") is not None), rule
        sizes = [units(rule, run.workload) for run in (small, large)]
        assert both.at_most == (0 < max(sizes) < LEVER * min(sizes)), rule
        assert both.start >= 0 and both.rate >= 0, rule
        if both.at_most:
            continue
        for run in (small, large):
            # Least squares of relative errors exceed neither measurement by more than (1 + √2) / 2.
            took, jobs = sum(run.seconds[rule]), len(run.seconds[rule])
            assert both.seconds(jobs, run.workload) < 1.21 * took, rule
