"""Tables with and without rows have the same types, so that they can be joined in any order."""

import numpy as np
import pytest

from mimamo.errors import InputError
from mimamo.storage.files import join_tables, read_csv, read_values

HEADER = "name,role,frame,valence,arousal"
ROWS = "105,test,1,0.5,0\nNA,test,2,-1,1\n"


@pytest.fixture
def table(tmp_path):
    """Gives the table that a text is read as."""

    def read(text: str):
        (tmp_path / "table.csv").write_text(text)
        return read_csv(tmp_path / "table.csv")

    return read


def test_a_table_without_rows_has_the_types_of_one_with_rows(table):
    full, empty = table(f"{HEADER}\n{ROWS}"), table(f"{HEADER}\n")
    assert full["name"].tolist() == ["105", "NA"]
    assert full.dtypes.to_dict() == empty.dtypes.to_dict()
    assert full.dtypes[["frame", "valence"]].tolist() == [np.int64, np.float64]


@pytest.mark.parametrize("order", [["empty", "full"], ["full", "empty"], ["full"], ["empty"], []])
def test_types_of_joined_tables_do_not_depend_on_which_have_rows(table, order):
    texts = {"full": f"{HEADER}\n{ROWS}", "empty": f"{HEADER}\n"}
    columns = ["name", "frame", "valence"]
    joined = join_tables([table(texts[kind]) for kind in order], columns)
    assert list(joined) == columns and len(joined) == (2 if "full" in order else 0)
    assert joined.dtypes.to_dict() == table(texts["full"])[columns].dtypes.to_dict()
    # As an index it would have to be whole numbers, and merged with others of the same type.
    assert np.zeros(3)[joined["frame"].to_numpy()].shape == (len(joined),)
    assert len(joined.merge(table(texts["full"]), on=["name", "frame"])) == len(joined)


def test_values_that_are_no_numbers_are_refused_where_they_are_read(tmp_path):
    path = tmp_path / "filled.csv"
    path.write_text(f"{HEADER}\n{ROWS}")
    assert len(read_values(path)) == 2
    path.write_text(f"{HEADER}\n{ROWS}105,test,7,,0.1\n106,test,1,0.1,inf\n")
    with pytest.raises(InputError, match=r"filled\.csv: .*none for 105 frame 7 and 1 other rows; delete"):
        read_values(path)
