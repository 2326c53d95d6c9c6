"""Fetching files from a server on this machine, which misbehaves as real ones do."""

import hashlib
import logging
import threading
import time

import pytest

from mimamo.errors import InputError
from mimamo.storage import download
from mimamo.storage.download import fetch
from support.server import CONTENT, DIGEST, Once, Server


@pytest.fixture
def server(monkeypatch):
    monkeypatch.setattr(download, "FIRST_RETRY_DELAY", 0.01)
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    running = Server()
    # The default looks for the end twice a second only, and each test would wait for that.
    thread = threading.Thread(target=running.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield running
    running.shutdown()
    thread.join()
    running.server_close()


@pytest.fixture
def path(tmp_path):
    return tmp_path / "cache" / "deep" / "weights.pth"


def left(path):
    return sorted(found.name for found in path.parent.iterdir())


def refusal(*arguments):
    """The sentence that a fetch ends with."""
    with pytest.raises(InputError) as told:
        fetch(*arguments)
    assert "\n" not in str(told.value)
    return str(told.value)


# Files that arrive ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("digits", ["", DIGEST, DIGEST[:8], DIGEST.upper()])
def test_a_file_arrives_whole_and_alone(server, path, digits):
    fetch(server.url, path, digits)
    assert path.read_bytes() == CONTENT
    assert left(path) == ["weights.pth"]
    assert len(server.asked) == 1


def test_a_file_that_is_there_is_left_alone(server, path):
    path.parent.mkdir(parents=True)
    path.write_bytes(b"mine")
    fetch(server.url, path, DIGEST)
    assert path.read_bytes() == b"mine" and not server.asked


def test_the_hash_and_the_progress_are_told(server, path, monkeypatch, caplog):
    monkeypatch.setattr(logging.getLogger("mimamo"), "propagate", True)
    monkeypatch.setattr(download, "LOG_INTERVAL", 0.05)
    server.pause = 0.03
    with caplog.at_level(logging.INFO, "mimamo"):
        fetch(server.url, path)
    assert f"Fetched 1000000 bytes with the SHA-256 {DIGEST}" in caplog.text
    assert "of 1.0 MB fetched" in caplog.text


def test_a_slow_server_is_waited_for(server, path, monkeypatch):
    """Silence is what counts, not the time that all of it takes."""
    monkeypatch.setattr(download, "READ_TIMEOUT", 0.4)
    server.pause = 0.06
    began = time.monotonic()
    fetch(server.url, path, DIGEST)
    assert time.monotonic() - began > 0.5 and len(server.asked) == 1


def test_a_cut_download_is_resumed_where_it_broke(server, path):
    server.cuts = [500_000, 800_000]
    fetch(server.url, path, DIGEST)
    assert path.read_bytes() == CONTENT and left(path) == ["weights.pth"]
    starts = [int(asked.get("Range", "bytes=0-")[6:-1]) for asked in server.asked]
    assert starts[0] == 0 and 400_000 < starts[1] <= 500_000 < starts[2] <= 800_000 and len(starts) == 3


def test_a_server_that_falls_silent_is_asked_again(server, path, monkeypatch):
    monkeypatch.setattr(download, "READ_TIMEOUT", 0.3)
    server.stall = 1.5
    fetch(server.url, path, DIGEST)
    assert path.read_bytes() == CONTENT
    assert int(server.asked[1]["Range"][6:-1]) > 300_000


def test_a_later_call_goes_on_where_an_earlier_one_gave_up(server, path):
    def failing():
        server.statuses = [503] * download.ATTEMPTS
        return 300_000

    server.cuts = Once([0], failing)
    said = refusal(server.url, path, DIGEST)
    assert "503" in said and str(path) in said and server.url in said
    assert not path.exists() and ".weights.pth.part" in left(path)
    server.asked.clear()
    server.statuses, server.cuts = [], []
    fetch(server.url, path, DIGEST)
    assert len(server.asked) == 1 and int(server.asked[0]["Range"][6:-1]) > 200_000
    assert path.read_bytes() == CONTENT and left(path) == ["weights.pth"]


@pytest.mark.parametrize("heeds", [True, False])
def test_another_version_of_the_file_is_fetched_from_the_beginning(server, path, heeds):
    server.heeds_version = heeds
    other = bytes(reversed(CONTENT))

    def changed():
        server.content, server.tag = other, '"two"'
        return 600_000

    server.cuts = Once([0], changed)
    fetch(server.url, path, hashlib.sha256(other).hexdigest())
    assert path.read_bytes() == other


@pytest.mark.parametrize("lack", ["ranges", "tag"])
def test_servers_that_cannot_resume_start_over(server, path, lack):
    setattr(server, lack, "" if lack == "tag" else False)
    server.cuts = [700_000, 200_000]
    fetch(server.url, path, DIGEST)
    assert path.read_bytes() == CONTENT and left(path) == ["weights.pth"]


def test_a_server_that_always_cuts_at_the_same_place_is_given_up(server, path):
    server.ranges = False
    server.cuts = [500_000] * 50
    said = refusal(server.url, path, DIGEST)
    assert "broke off" in said or "bytes arrived" in said
    assert len(server.asked) == 1 + download.ATTEMPTS
    assert not path.exists()


@pytest.mark.parametrize("status", [408, 429, 500, 502, 503])
def test_passing_faults_of_a_server_are_waited_out(server, path, status):
    server.statuses = [status, status]
    fetch(server.url, path, DIGEST)
    assert path.read_bytes() == CONTENT and len(server.asked) == 3


def test_a_finished_part_that_was_never_renamed_is_no_trap(server, path):
    """As after a power cut between the last byte and the name."""
    path.parent.mkdir(parents=True)
    (path.parent / ".weights.pth.part").write_bytes(CONTENT)
    (path.parent / ".weights.pth.part.version").write_text(f'{server.url}\n"one"\n')
    fetch(server.url, path, DIGEST)
    assert path.read_bytes() == CONTENT and left(path) == ["weights.pth"]


def test_a_part_from_another_address_is_not_gone_on_from(server, path):
    path.parent.mkdir(parents=True)
    (path.parent / ".weights.pth.part").write_bytes(b"x" * 1000)
    (path.parent / ".weights.pth.part.version").write_text('http://127.0.0.1:9/other\n"one"\n')
    fetch(server.url, path, DIGEST)
    assert path.read_bytes() == CONTENT


def test_two_at_once_fetch_once(server, path):
    server.pause = 0.02
    threads = [threading.Thread(target=fetch, args=(server.url, path, DIGEST)) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert path.read_bytes() == CONTENT and len(server.asked) == 1


# Files that do not, or are something else -----------------------------------------------------------------


def test_another_hash_is_refused(server, path):
    server.content = CONTENT[:-1] + b"\0"
    said = refusal(server.url, path, DIGEST)
    assert DIGEST in said and hashlib.sha256(server.content).hexdigest() in said and server.url in said
    assert left(path) == []


@pytest.mark.parametrize("status", [403, 404, 410])
def test_a_missing_file_is_refused_at_once(server, path, status):
    server.statuses = [status]
    said = refusal(server.url, path)
    assert f"answered {status}" in said and server.url in said and str(path) in said
    assert left(path) == [] and len(server.asked) == 1


@pytest.mark.parametrize(
    ("kind", "page"),
    [
        ("text/html; charset=utf-8", b"<!-- a page all the same --><p>Please log in"),
        ("application/octet-stream", b"\n <!DOCTYPE html><html><body>Please log in</body></html>"),
    ],
)
def test_a_web_page_is_refused(server, path, kind, page):
    server.content, server.kind = page, kind
    assert "is a web page" in refusal(server.url, path)
    assert left(path) == []


def test_a_file_of_unknown_length_that_is_cut_is_refused_by_its_content(server, path):
    def check(found, called):
        if found.read_bytes() != CONTENT:
            raise InputError(f"{called} is not whole")

    server.content, server.told_length = CONTENT[:-500], False
    assert refusal(server.url, path, "", check) == f"{server.url} is not whole"
    assert left(path) == []
    server.content = CONTENT
    fetch(server.url, path, "", check)
    assert path.read_bytes() == CONTENT


def test_nobody_there_is_told_with_what_to_do(server, path):
    closed = Server()
    url = closed.url
    closed.server_close()
    said = refusal(url, path)
    for part in (str(path), url, "no connection", "put the file there by hand", "mirror"):
        assert part in said
    assert left(path) == []


@pytest.mark.parametrize("url", ["ftp://127.0.0.1/weights.pth", "http://"])
def test_what_is_no_address_is_told(server, path, url):
    assert "correct spatial.url" in refusal(url, path)
    assert left(path) == []


def test_a_folder_that_cannot_be_made_is_told(server, tmp_path):
    (tmp_path / "file").write_text("")
    assert "spatial.cache" in refusal(server.url, tmp_path / "file" / "weights.pth")
