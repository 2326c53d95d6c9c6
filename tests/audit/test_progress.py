from mimamo.audit.progress import VARIABLE, AuditProgress, export_total


def test_progress_counts_the_names_of_all_batches(tmp_path, monkeypatch):
    # Set first, so that what is announced here is forgotten afterwards.
    monkeypatch.setenv(VARIABLE, "")
    monkeypatch.delenv(VARIABLE)
    export_total(20)
    first, second = (AuditProgress(tmp_path / f"00{n}.log.progress", 10) for n in (1, 2))
    first.add(5)
    first.add(7)
    second.add(100)
    assert str(first).startswith("3 of 20 names, 112 frames, ") and str(first).endswith(" left")
    # A job that starts anew forgets what it had done.
    AuditProgress(tmp_path / "001.log.progress", 10)
    assert str(second).startswith("1 of 20 names, 100 frames, ")
    # A process that the run starts is not a run of its own.
    export_total(3)
    assert second.total == AuditProgress(tmp_path / "001.log.progress", 10).total == 20
