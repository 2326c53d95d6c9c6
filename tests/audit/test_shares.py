"""The share of frames with a face, as the doctor's page shows it."""

import pytest

from mimamo.audit.doctor import NameEntry


@pytest.mark.parametrize(
    ("crops", "length", "share"),
    [(472, 472, "100 %"), (0, 95, "0 %"), (50, 200, "25 %"), (99_999, 100_000, "99 %"), (1, 100_000, "1 %")],
)
def test_all_and_none_are_said_only_where_it_is_so(crops, length, share):
    assert NameEntry({"crops": crops, "length": length}).covered == share
