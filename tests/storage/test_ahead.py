import threading

import pytest

from mimamo.storage.ahead import map_ahead


@pytest.mark.parametrize("threads", [0, 1, 4])
def test_results_come_in_the_order_of_their_arguments(threads):
    first = threading.Event()

    def function(number):
        """Let the first result be the last that is there."""
        if threads > 1:
            first.wait(10) if number == 0 else first.set()
        return number**2

    assert list(map_ahead(function, range(50), threads, ahead=8)) == [number**2 for number in range(50)]


@pytest.mark.parametrize("threads", [0, 3])
def test_the_first_error_in_order_is_raised_after_the_results_before_it(threads):
    def function(number):
        """Fail for two arguments."""
        if number in (5, 3):
            raise ValueError(f"number {number}")
        return number

    results = map_ahead(function, range(9), threads, ahead=9)
    assert [next(results) for _ in range(3)] == [0, 1, 2]
    with pytest.raises(ValueError, match="number 3"):
        next(results)


def test_no_more_is_computed_than_may_wait():
    begun = []
    results = map_ahead(lambda number: begun.append(number), range(100), 2, ahead=5)
    next(results)
    results.close()
    assert len(begun) <= 7
