from mimamo.training.saved_state import SavedStates


def test_other_settings_do_not_go_on_from_an_old_state(tmp_path):
    SavedStates(tmp_path / "state", "one").save(5, {"step": 5})
    assert SavedStates(tmp_path / "state", "two").load() is None
    assert SavedStates(tmp_path / "state", "one").load() == {"step": 5}


def test_the_last_two_states_are_kept_and_a_damaged_one_is_passed_over(tmp_path):
    states = SavedStates(tmp_path, "one")
    for step in (3, 6, 9):
        states.save(step, {"step": step})
    newest, older = sorted(tmp_path.iterdir(), reverse=True)
    assert (int(newest.stem), int(older.stem)) == (9, 6)
    newest.write_bytes(newest.read_bytes()[:100])
    assert states.load() == {"step": 6}
    older.write_bytes(b"")
    assert states.load() is None
