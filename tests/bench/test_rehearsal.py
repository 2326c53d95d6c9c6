"""A rehearsal that really runs, and the tables of what it took."""

import re
import subprocess
import sys

import pytest
import yaml

from mimamo.bench.rehearsal.__main__ import main, rehearse
from mimamo.bench.rehearsal.measured import Rehearsal, Taken, largest_smaller, taken_by_rules
from mimamo.bench.rehearsal.report import markdown
from mimamo.bench.rehearsal.sampled import sample_to_the_end
from mimamo.errors import InputError
from mimamo.jobs.benchmark_files import read_benchmarks
from support.paths import TINY

pytestmark = pytest.mark.slow

#: Works for two seconds of CPU time and says for how many exactly.
BUSY = "import time\nwhile time.process_time() < 2: pass\nprint(time.process_time())"


def row(text: str, rule: str, title: str = "") -> list[str]:
    """Return the cells of a rule in the table behind a title."""
    table = text[text.index(title) :]
    return [cell.strip() for cell in re.search(rf"^\| {rule} \|(.*)\|$", table, re.MULTILINE)[1].split("|")]


def test_the_workflow_runs_on_the_stand_in_and_every_rule_is_told(rehearsed):
    folder, said = rehearsed
    run = folder / "0.002"
    assert (run / "results/report.html").is_file() and (run / "results/submission_check.csv").is_file()
    found = Rehearsal.read(folder / "0.002.json")
    assert said.startswith(f"SIZE=0.002: {found.names} names, {found.crops:,} crops, ")
    jobs = [job.rule for job in read_benchmarks(run / "results/benchmarks")]
    assert set(jobs) == set(found.rules) and len(set(jobs)) > 20
    for rule, taken in found.rules.items():
        assert row(said, rule)[0] == str(taken.jobs) == str(jobs.count(rule))
        assert taken.seconds > 0 and taken.peak > 0 and taken.disk > 0
    assert found.rules["phase"].disk > 11_000 * found.crops and found.rules["train"].cpu > 1
    millions = found.crops / 1e6
    cpu = row(said, "phase", "Per million crops:")[2]
    assert float(cpu.replace(",", "")) == pytest.approx(found.rules["phase"].cpu / millions, rel=0.01)
    # The first size has none before it.
    assert "Growth" not in said


def test_a_second_call_goes_on_from_what_is_there(rehearsed):
    folder, said = rehearsed
    dates = {path: path.stat().st_mtime_ns for path in (folder / "0.002/results/benchmarks").rglob("*.tsv")}
    assert rehearse(0.002, folder, 2, typical=60, settings=yaml.safe_load(TINY.read_text())) == said
    assert {path: path.stat().st_mtime_ns for path in dates} == dates and len(dates) > 20
    with pytest.raises(InputError, match=r"expected the stand-in of seed 1, found that of '0'; remove"):
        rehearse(0.002, folder, 2, seed=1)


def test_growth_is_told_against_the_largest_smaller_size(tiny, tmp_path):
    rules = taken_by_rules(tiny.results, {"labels": [tiny.results / "labels"]})
    size = sum(path.stat().st_size for path in (tiny.results / "labels").rglob("*.csv"))
    assert rules["labels"].disk >= size > 0
    double = {rule: Taken(t.jobs, 2 * t.seconds, 4 * t.cpu, t.peak, 2 * t.disk) for rule, t in rules.items()}
    double["weights"] = Taken(1, 1.0, 1.0, 1.0, 1.0)
    found = [Rehearsal(size, 10, int(1e6 * size), 1, "M", rules) for size in (0.01, 0.02)]
    found.append(Rehearsal(0.04, 20, 40_000, 1, "M", double))
    for each in found:
        each.write(tmp_path / f"{each.size:g}.json")
    before = largest_smaller(tmp_path, 0.04)
    assert before == found[1] and largest_smaller(tmp_path, 0.01) is None
    text = markdown(found[2], before)
    title = "Growth from SIZE=0.02, against that of the crops (2 times as many)"
    assert row(text, "phase", title) == ["0.50", "1.00", "2.00", "0.50", row(text, "phase", title)[4]]
    assert row(text, "labels", title)[4] == "1.00" and row(text, "weights", title) == ["–"] * 5


def test_a_file_that_is_no_rehearsal_is_refused(tmp_path):
    (tmp_path / "0.01.json").write_text("[]")
    with pytest.raises(InputError, match=r"0\.01\.json: expected what a rehearsal took.*remove it"):
        largest_smaller(tmp_path, 0.05)


def test_make_passes_the_size_on(repo):
    for given, size in (([], "0.05"), (["SIZE=0.2"], "0.2")):
        command = ["make", "--dry-run", "rehearsal", *given]
        done = subprocess.run(command, cwd=repo, capture_output=True, text=True, check=True)
        assert f"-m mimamo.bench.rehearsal --size {size}\n" in done.stdout


@pytest.mark.parametrize("size", ["0", "-1", "nan", "x"])
def test_a_size_is_a_number_above_0(size, capsys):
    with pytest.raises(SystemExit, match="2"):
        main([f"--size={size}"])
    assert "--size" in capsys.readouterr().err


def test_benchmarks_of_long_jobs_count_all_their_cpu_time(monkeypatch):
    from snakemake import benchmark

    function = benchmark.benchmarked.__wrapped__
    monkeypatch.setattr(function, "__defaults__", function.__defaults__)
    # So short that it would look more seldom after half of the job's time.
    monkeypatch.setattr(benchmark, "BENCHMARK_INTERVAL_SHORT", 0.02)
    sample_to_the_end()
    record = benchmark.BenchmarkRecord()
    with subprocess.Popen([sys.executable, "-c", BUSY], stdout=subprocess.PIPE, text=True) as process:
        with benchmark.benchmarked(process.pid, record):
            process.wait()
        assert record.cpu_time > 0.8 * float(process.stdout.read())
