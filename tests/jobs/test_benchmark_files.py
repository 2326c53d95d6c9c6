from mimamo.jobs.benchmark_files import Benchmark, read_benchmarks, rules_text

LINE = "s\th:m:s\tmax_rss\tcpu_time\n40.0\t0:00:40\t2.0\t15.0\n"


def write(folder, *paths):
    for path in paths:
        (folder / f"{path}.tsv").parent.mkdir(parents=True, exist_ok=True)
        (folder / f"{path}.tsv").write_text(LINE)


def test_a_benchmark_belongs_to_a_rule_whatever_its_batch_or_run_is_called(tmp_path):
    paths = ("audit/t03", "labels", "official/folds", "official/train/fold0", "ablations/x/predict/fold1")
    write(tmp_path, *paths, "no_rule", "runs/train/seed2/scores", "runs/labels/gaps")
    (tmp_path / "labels.tsv").write_text(LINE.replace("2.0\t15.0", "NA\tNA"))
    jobs = list(read_benchmarks(tmp_path))
    found = {job.rule: job for job in jobs}
    assert len(jobs) == len(found) == 7
    assert (
        set(found) == {"audit", "labels", "folds", "train", "predict", "scores", "gaps"} < set(rules_text())
    )
    assert found["audit"] == Benchmark("audit", 40.0, 15.0, 2 * 2**20) and found["labels"].cpu == 0
    assert found["audit"].end == (tmp_path / "audit/t03.tsv").stat().st_mtime


def test_jobs_of_a_stream_are_called_as_rule_and_stream(tmp_path):
    write(tmp_path, "brought/mine/001", "brought/train/002", "features/001", "runs/a/train/fold0")
    write(tmp_path, "programs/train/programs", "ensembles/a/ensemble_weights")
    write(tmp_path, "backbones/resnet18-0123/001", "weights", "weights/resnet18-0123")
    titles = [job.title for job in read_benchmarks(tmp_path)]
    streams = ["features (resnet18-0123)", "brought (mine)", "brought (train)"]
    others = ["ensemble_weights", "features", "programs", "train", "weights", "weights"]
    assert sorted(titles) == sorted(streams + others)


def test_a_long_job_was_not_looked_at_to_its_end():
    job = Benchmark("audit", 40.0, 15.0, 2 * 2**20)
    assert job.work(sampled=False) == 40 and job.work(sampled=True) == 15.5
    assert Benchmark("audit", 5.0, 1.0, 0).work(sampled=False) == 1.5
