import stat
import struct
import zipfile

import pytest

from mimamo.errors import InputError
from mimamo.submission import bundle
from mimamo.submission.validate import validate
from support.archives import packed
from support.submission import LENGTHS, problems


@pytest.mark.parametrize(
    "name", ["../105.txt", "/tmp/105.txt", "C:/105.txt", "a\\..\\105.txt", "a/../../105.txt"]
)
def test_zip_that_would_write_elsewhere_is_refused(tmp_path, name):
    path = packed(tmp_path / "s.zip", {name: "valence,arousal\n0,0\n"})
    check = validate(path, {"105": 1})
    assert "has a path that leaves the folder" in " ".join(check.problems)
    assert check.table.loc[0, "lines"] == 0


def test_link_in_a_zip_is_refused(tmp_path):
    link = zipfile.ZipInfo("105.txt")
    link.external_attr = (stat.S_IFLNK | 0o777) << 16
    path = packed(tmp_path / "s.zip", {link: "/etc/hostname"})
    assert "105.txt is a link" in problems(path, {"105": 1})


def test_zip_bombs_are_not_read(tmp_path, monkeypatch):
    monkeypatch.setattr(bundle, "MAX_TEXT_BYTES", 10_000)
    path = packed(tmp_path / "s.zip", {"105.txt": b"0,0\n" * 5_000})
    assert "105.txt: expected at most 10000 bytes, found 20000" in problems(path, {"105": 1})
    monkeypatch.setattr(bundle, "MAX_TOTAL_BYTES", 15_000)
    assert "at most 15000 bytes when unpacked" in problems(path, {"105": 1})
    monkeypatch.setattr(bundle, "MAX_FILES", 2)
    path = packed(tmp_path / "many.zip", {f"{number}.txt": "" for number in range(3)})
    assert "expected at most 2 files, found 3" in problems(path, {"105": 1})


def test_member_that_is_larger_than_it_says_is_not_read_to_its_end(tmp_path):
    path = packed(tmp_path / "s.zip", {"105.txt": b"valence,arousal\n" + b"0,0\n" * 100_000})
    raw = bytearray(path.read_bytes())
    # The size as the central directory says it, 24 bytes after its signature.
    position = raw.rindex(b"PK\x01\x02") + 24
    raw[position : position + 4] = struct.pack("<I", 40)
    path.write_bytes(raw)
    check = validate(path, {"105": 100_000})
    assert not check.valid and check.table.loc[0, "lines"] < 20
    assert "damaged" in " ".join(check.problems)


def test_damaged_zips_are_told_in_a_sentence(good):
    raw = (good / "submission.zip").read_bytes()
    cut = good.parent / "cut.zip"
    cut.write_bytes(raw[: len(raw) // 2])
    with pytest.raises(InputError, match=r"cut.zip: expected a zip, found a file that is none or is cut off"):
        validate(cut, LENGTHS)
    middle = raw.index(b"per_video/105.txt") + 40
    cut.write_bytes(raw[:middle] + b"\xff" * 20 + raw[middle + 20 :])
    assert "damaged" in problems(cut)


def test_litter_is_noted(good):
    with zipfile.ZipFile(good / "submission.zip", "a") as archive:
        archive.writestr("__MACOSX/._105.txt", "x")
        archive.writestr("readme.md", "x")
    check = validate(good / "submission.zip", LENGTHS)
    assert check.valid and any("__MACOSX" in note for note in check.notes)
    assert any("readme.md is not a .txt" in note for note in check.notes)
