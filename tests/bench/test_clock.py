from mimamo.bench import clock


def test_medians_are_of_the_runs_and_not_of_the_warm_up(monkeypatch):
    # Each call moves the clock on; the first one, which warms up, by far the most.
    now, steps = [0.0], iter([100.0, 1.0, 9.0, 2.0])
    monkeypatch.setattr(clock, "synchronised_time", lambda: now[0])

    def call():
        now[0] += next(steps)

    assert clock.medians({"call": call}, runs=3) == {"call": 2.0}
