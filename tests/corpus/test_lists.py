import pytest

from mimamo.corpus.lists import read_frame_list, read_groups, read_sample_list, read_test_list
from mimamo.errors import InputError
from support.corpus import write_text


def test_test_list_of_a_windows_machine(tmp_path):
    path = write_text(tmp_path / "list.txt", "\ufeff105\r\n\r\n  video2_left \r\nmy clip\r\n\r\n")
    assert read_test_list(path).content == ["105", "video2_left", "my clip"]


@pytest.mark.parametrize(
    "name", ["..", ".", "a/b", "/etc", "-rf", ".hidden", "a\\b", "a,b", "a\x0cb", "é" * 150]
)
def test_test_list_with_an_unsafe_name(tmp_path, name):
    with pytest.raises(
        InputError, match=r"list.txt, line 3: expected a name that can be a file's name, found"
    ):
        read_test_list(write_text(tmp_path / "list.txt", f"105\n\n{name}\n"))


@pytest.mark.parametrize(
    ("read", "text", "message"),
    [
        (
            read_test_list,
            "105\nvideo1\n105\n",
            "line 3: expected each name once, found '105' again after line 1",
        ),
        (read_test_list, "\n \n", "found no name"),
        (read_frame_list, "a 10\nb\n", "line 2: .*found 'b'"),
        (read_frame_list, "a ten\n", "line 1: .*found 'a ten'"),
        (read_frame_list, "a 0\n", "line 1"),
        (read_frame_list, "a -5\n", "line 1"),
        (read_frame_list, "a 99999999\n", "line 1"),
        (read_frame_list, "a 1\n\na 2\n", "line 3: expected each name once, found 'a' again after line 1"),
        (read_frame_list, "name,frames,fps\na,1\n", "line 2: .*found 'a,1'"),
        (read_frame_list, "video 5\nframes 6\nframes 7\n", "line 3: expected each name once"),
        (read_frame_list, "../a 1\n", "line 1: expected a name that can be a file's name"),
        (read_sample_list, "", "line 1: expected the header"),
        (read_sample_list, "a/00001.jpg,0,0\n", "line 1: expected the header"),
        (read_sample_list, "image_location\na/1.jpg\n", "line 2: expected a row such as"),
        (read_sample_list, "image_location\na/00000.jpg\n", "line 2: expected a row such as"),
        (read_sample_list, "image_location\n../a/00001.jpg\n", "line 2: expected a row such as"),
        (read_sample_list, "image_location\na/00001.jpg\na/00001.jpg\n", "line 3: expected each frame once"),
        (read_groups, "105,anna\n", "line 1: expected the columns name,group"),
        (read_groups, "name,group\n105\n", "line 2: expected a name and its group"),
        (read_groups, "name,group\n105,\n", "line 2: expected a name and its group"),
        (read_groups, "name,group\na,x\na,y\n", "line 3: expected each name once"),
    ],
)
def test_faults_of_lists_are_told_with_file_and_line(tmp_path, read, text, message):
    with pytest.raises(InputError, match=f"list.txt[,:].*{message}"):
        read(write_text(tmp_path / "list.txt", text))


@pytest.mark.parametrize("read", [read_test_list, read_frame_list, read_sample_list, read_groups])
def test_unreadable_lists_are_told(tmp_path, read):
    path = tmp_path / "list.txt"
    with pytest.raises(InputError, match=r"list.txt: expected .*nothing there; set data\."):
        read(path)
    path.write_bytes(b"105\nna\xefve\n")
    with pytest.raises(
        InputError, match=r"list.txt, line 2: expected .*the byte 0xef; save the file as UTF-8"
    ):
        read(path)
    path.unlink()
    path.mkdir()
    with pytest.raises(InputError, match=r"list.txt: expected .*found a folder"):
        read(path)


def test_frame_list_with_any_separator(tmp_path):
    path = write_text(tmp_path / "list.txt", "a 10\nb\t20\nc,30\nd , 40\nmy clip 50\n\n")
    assert read_frame_list(path).content == {"a": 10, "b": 20, "c": 30, "d": 40, "my clip": 50}


@pytest.mark.parametrize("tail", ["", ",0.1,0.2", ",,"])
def test_sample_list_with_and_without_values(tmp_path, tail):
    header = "image_location,valence,arousal" if tail else "image_location"
    rows = "".join(f"{row}{tail}\n" for row in ("b/00002.jpg", "b/00001.jpg", "a_1/00001.jpg"))
    found = read_sample_list(write_text(tmp_path / "list.txt", f"{header}\n{rows}"))
    assert found.content == {"b": {1, 2}, "a_1": {1}} and not found.wrong
