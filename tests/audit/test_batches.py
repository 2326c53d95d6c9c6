import logging

import pytest

from mimamo.audit.batches import audit_batch, audit_table
from mimamo.audit.survey import subsets
from mimamo.audit.tables import COLUMNS, read_audit, read_usable_crops
from mimamo.errors import InputError
from mimamo.storage.name_records import NameRecords
from support.audit import PLAIN
from support.corpus import DATA, corpus_at, write_annotation, write_crops, write_text


def run(root, out, names, strict=False, **data):
    """Audit the names of some batches, and join what was found."""
    data, folder = {**DATA, **data}, out / "names"
    kinds = subsets(corpus_at(root, **data))
    for part in names.values():
        audit_batch(dict.fromkeys(part, "as given"), kinds, data, str(root), True, folder)
    everyone = sorted(name for part in names.values() for name in part)
    audit_table(everyone, folder, data, str(root), out / "audit.csv", out / "frames.csv", strict)


@pytest.fixture
def mixed(root):
    write_text(root / DATA["test_list"], "105\nvideo2\n")
    write_crops(root, "105", [2, 3])
    write_crops(root, "7", [1, 2])
    write_annotation(root, "7", PLAIN[:2])
    write_crops(root, "NA", [1])
    write_annotation(root, "NA", [(0, "x")], "validation")
    write_crops(root, "spare_left", [4, 6])
    return root


def test_tables_of_batches_are_joined(mixed, tmp_path, caplog):
    caplog.set_level(logging.INFO, "mimamo")
    run(mixed, tmp_path, {"001": ["7", "105"], "002": ["NA", "video2"]})
    frames = (tmp_path / "frames.csv").read_text()
    assert frames == "name,frames\n105,2-3\n7,1-2\nNA,1\nvideo2,\n"
    usable = read_usable_crops(tmp_path / "frames.csv")
    assert {name: numbers.tolist() for name, numbers in usable.items()} == {
        **{"105": [2, 3], "7": [1, 2]},
        **{"NA": [1], "video2": []},
    }
    table = read_audit(tmp_path / "audit.csv")
    assert table.columns.tolist() == list(COLUMNS)
    found = table[["name", "subset", "verdict", "crops"]].values.tolist()
    assert found == [
        ["105", "test", "repaired", 2],
        ["7", "train", "ok", 2],
        ["NA", "validation", "unusable", 1],
        ["spare_left", "unlisted", "unusable", 2],
        ["video2", "test", "unusable", 0],
    ]
    assert table["width"].tolist()[:2] == [112, 112]
    assert table["width"].isna().tolist() == [False, False, False, True, True]
    assert "5 names" not in caplog.text
    assert "4 names: 1 ok, 1 repaired, 2 unusable; 5 usable crops; 1 further names" in caplog.text
    warned = [record.getMessage() for record in caplog.records if record.levelname == "WARNING"]
    assert [message.split(" ")[0] for message in warned] == ["105", "NA", "video2"]
    assert "VA_Set/Validation_Set/NA.txt, line 2: expected two numbers" in warned[1]


def test_whole_numbers_are_written_as_such(mixed, tmp_path):
    run(mixed, tmp_path, {"001": ["105", "7", "NA", "video2"]})
    lines = (tmp_path / "audit.csv").read_text().splitlines()
    assert lines[2] == "7,train,ok,,2,1,2,0,0,0,112,112,2,0,0,0,,,,,,2,crops,,7"
    assert lines[4].startswith("spare_left,unlisted,unusable,")
    assert lines[4].endswith(",2,4,6,1,3,,,,,,,,,,,,,,,,spare")
    assert str(tmp_path) not in "\n".join(lines)


def test_names_are_audited_alike_alone_and_together(mixed, tmp_path):
    run(mixed, tmp_path / "one", {"001": ["105", "7", "NA", "video2"]})
    run(mixed, tmp_path / "two", {name: [name] for name in ("video2", "NA", "7", "105")})
    assert (tmp_path / "one" / "audit.csv").read_bytes() == (tmp_path / "two" / "audit.csv").read_bytes()


def test_strict_names_what_is_unusable(mixed, tmp_path):
    with pytest.raises(InputError, match=r"2 names of 4 cannot be used: NA, video2; fix them"):
        run(mixed, tmp_path, {"001": ["105", "7", "NA", "video2"]}, strict=True)
    assert not (tmp_path / "audit.csv").exists()


def test_strict_does_not_mind_folders_that_no_list_names(mixed, tmp_path):
    write_annotation(mixed, "NA", [(0, 0)], "validation")
    write_crops(mixed, "video2", [1])
    run(mixed, tmp_path, {"001": ["105", "7", "NA", "video2"]}, strict=True)
    assert len(read_audit(tmp_path / "audit.csv")) == 5


def test_a_name_of_the_sample_list_alone_is_told(mixed, tmp_path):
    rows = "".join(f"{name}/00001.jpg\n" for name in ("105", "video2", "forgotten"))
    write_text(mixed / "sample.txt", f"image_location\n{rows}")
    run(mixed, tmp_path, {"001": ["105", "7", "NA", "video2"]}, sample_list="sample.txt")
    table = read_audit(tmp_path / "audit.csv").set_index("name")
    assert table.loc["forgotten", "subset"] == "unlisted"
    assert "expected names of data.test_list, found 'forgotten'" in table.loc["forgotten", "reason"]


def test_the_audit_of_a_batch_needs_what_the_configuration_names(mixed, tmp_path):
    with pytest.raises(InputError, match=r"nowhere: expected a folder of videos \(.mp4, .avi, .mkv and"):
        run(mixed, tmp_path, {"001": ["105"]}, videos=["nowhere"])


def test_how_an_unusual_list_is_read_is_logged_once(mixed, tmp_path, caplog):
    caplog.set_level(logging.INFO, "mimamo")
    write_text(mixed / DATA["test_list"], "video_name\n105.mp4\nvideo2.mp4\n")
    run(mixed, tmp_path, {"001": ["7", "105"], "002": ["NA", "video2"]})
    assert read_audit(tmp_path / "audit.csv")["name"].tolist() == ["105", "7", "NA", "spare_left", "video2"]
    (said,) = [record.getMessage() for record in caplog.records if "nothing else" in record.getMessage()]
    assert said.startswith(f"{DATA['test_list']}: expected one test name a line") and "'105.mp4'" in said


def test_only_names_with_another_key_are_audited_again(mixed, tmp_path):
    """A batch that is run again, for one name or as it was killed, leaves other records alone."""
    run(mixed, tmp_path, {"001": ["105", "7", "NA", "video2"]})
    (mixed / DATA["crops"][0] / "105" / "00002.jpg").unlink()
    keys = {"105": "as given", "7": "another"}
    before = {name: (tmp_path / "names" / f"{name}.json").stat().st_mtime_ns for name in keys}
    audit_batch(keys, {"105": "test", "7": "train"}, DATA, str(mixed), True, tmp_path / "names")
    after = {name: (tmp_path / "names" / f"{name}.json").stat().st_mtime_ns for name in keys}
    assert before["105"] == after["105"] and before["7"] != after["7"]
    assert NameRecords(tmp_path / "names").pending(keys) == []
