import pytest

from mimamo.bench.machine import Machine
from mimamo.bench.rows import Row
from mimamo.bench.table import markdown


@pytest.mark.parametrize(
    ("target", "value", "met"),
    [(">= 5", 5.0, True), (">= 5", 4.9, False), ("<= 12", 12.1, False), ("", 1, None)],
)
def test_a_target_is_met_or_missed_and_the_table_says_so(target, value, met):
    row = Row("stage", "what", value, "×", target=target)
    assert row.met is met
    machine = Machine("processor", 2, 1, "", False, "3", "2")
    assert ("missed" in markdown(machine, [row])) == (met is False)
