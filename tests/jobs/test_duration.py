from mimamo.jobs.duration import format_duration


def test_durations_have_two_units():
    assert [format_duration(seconds) for seconds in (4.4, 75, 3600, 7350)] == [
        "4 s",
        "1 min 15 s",
        "1 h 0 min",
        "2 h 2 min",
    ]
