import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mimamo.errors import InputError
from mimamo.storage.files import read_named_values, write_csv
from mimamo.storage.frame_rows import find_rows, repeated_rows, run_starts, sort_by_frame

ROWS = st.lists(st.tuples(st.sampled_from(["a", "105", "b", "ä"]), st.integers(1, 9)), max_size=30)


def frames_of(rows: list[tuple[str, int]]) -> pd.DataFrame:
    """A table of these names and frames, which numbers its rows."""
    table = pd.DataFrame(rows, columns=["name", "frame"]).astype({"name": "str", "frame": "int64"})
    return table.assign(number=range(len(rows)))


@given(ROWS)
def test_rows_are_sorted_as_pandas_sorts_them(rows):
    table = frames_of(rows)
    expected = table.sort_values(["name", "frame"], kind="stable", ignore_index=True)
    found = sort_by_frame(table)
    pd.testing.assert_frame_equal(found, expected)
    assert repeated_rows(found).tolist() == expected.duplicated(["name", "frame"]).tolist()


@given(ROWS.map(set), ROWS)
def test_rows_are_found_by_name_and_frame(rows, wanted):
    rows = sorted(rows)
    found = find_rows(frames_of(rows), frames_of(wanted))
    assert found.tolist() == [rows.index(row) if row in rows else -1 for row in wanted]


@given(st.lists(st.integers(0, 2)))
def test_runs_start_where_a_value_differs_from_the_one_before(values):
    starts = run_starts(np.array(values, int)).tolist()
    assert starts == [i for i, value in enumerate(values) if i == 0 or value != values[i - 1]]


def test_tables_of_many_names_are_read_as_one_by_one(tmp_path):
    values = pd.DataFrame({"frame": [1, 2], "valence": [0.5, -1.0], "arousal": [0.0, 0.25], "stretch": 1})
    paths = {name: tmp_path / f"{name}.csv" for name in ("b", "105", "a")}
    for name, path in paths.items():
        write_csv(values[: 0 if name == "105" else 2], path)
    found = read_named_values(paths)
    assert found["name"].tolist() == ["b", "b", "a", "a"] and found["frame"].tolist() == [1, 2, 1, 2]
    # Other columns, and a last line without an end: read one by one, or together, to the same.
    write_csv(values[["arousal", "frame", "valence"]], paths["a"])
    paths["b"].write_text(paths["b"].read_text().rstrip("\n"))
    pd.testing.assert_frame_equal(read_named_values(paths), found)
    paths["b"].write_text(paths["b"].read_text().replace("0.250000", ""))
    with pytest.raises(InputError, match=r"b\.csv: expected numbers, found none"):
        read_named_values(paths)
    assert read_named_values({}).empty
