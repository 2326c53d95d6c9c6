import json

from mimamo.page.identity import identify


def test_a_run_is_identified_by_commit_hosts_gpus_and_memory(tmp_path):
    stages = [
        {"machine": {"host": "login", "gpu": None}},
        {"machine": {"host": "node7", "gpu": "NVIDIA H100"}},
        {"rule": "made before machines were recorded"},
    ]
    chain = {"commit": "0123456789abcdef", "changed": True, "stages": stages, "caveat": "read with care"}
    (tmp_path / "provenance.json").write_text(json.dumps(chain))
    (tmp_path / "benchmarks").mkdir()
    (tmp_path / "benchmarks/audit.tsv").write_text("s\tmax_rss\n1.5\t1234.6\n")
    found = identify(tmp_path / "provenance.json", tmp_path / "benchmarks")
    assert found.version.endswith("commit 0123456789, with uncommitted changes")
    assert found.caveat == "read with care"
    date, *others = found.circumstances
    assert others == ["hosts login, node7", "NVIDIA H100", "largest job 1,234 MB"] and date[:2] == "20"


def test_what_is_not_known_is_left_out(tmp_path):
    found = identify(None, tmp_path)
    assert found.circumstances == [] and "commit" not in found.version and found.caveat == ""
