"""Large published files, fetched once: resumed where a connection breaks, checked, and whole or not there."""

from __future__ import annotations

import fcntl
import logging
import os
import re
import shutil
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING

from mimamo.errors import InputError
from mimamo.storage.files import file_hash, put_in_place

if TYPE_CHECKING:
    import requests

logger = logging.getLogger("mimamo.storage.download")

#: Attempts in a row that bring nothing new before a server is given up.
ATTEMPTS = 5

#: Seconds: before the second attempt, doubled for each one after it; the longest of them; without a byte.
FIRST_WAIT, LONGEST_WAIT, SILENCE = 1.0, 30.0, 30.0

#: Seconds between two messages about progress.
MESSAGE_EVERY = 10.0

#: Bytes read at once; what has arrived of such a piece when the connection breaks is lost.
PIECE = 1 << 16

#: What is worth another attempt: time-outs, too many requests, ranges past the end, faults of the server.
_PASSING = {408, 416, 429, *range(500, 600)}


class _Broken(Exception):
    """An attempt that another one may go on from."""


def fetch(
    source: str, path: Path, sha256: str = "", check: Callable[[Path, str], object] | None = None
) -> None:
    """Get a file from an address or a path, unless it is there.

    What has arrived when a connection breaks stays in ``.<name>.part`` beside `path`, and the next attempt,
    of this call or of another, goes on from there if the server says that the file is still the same.

    Parameters
    ----------
    source
        An address (``http``, ``https``) or the path of a copy.
    path
        Where the file belongs. Its folder is created.
    sha256
        The first digits of its hash, or all, or none.
    check
        Called with the path of the finished file, before it gets its name, and with what to call it; raises
        InputError where its content is not the right one.

    Raises
    ------
    InputError
        Where the file cannot be had or written, or is not the right one; in the last case nothing is left.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with _locked(path.parent):
            if not path.exists():
                _fetch(source, path, sha256.lower(), check)
    except OSError as error:
        raise InputError(
            f"{path} cannot be written ({error.strerror or error}): make room, see to the folder's rights, "
            "or set spatial.cache to another folder"
        ) from error


@contextmanager
def _locked(folder: Path) -> Iterator[None]:
    """Let one process at a time fetch into a folder, where the file system can lock folders."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        with suppress(OSError):
            fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)


def _fetch(source: str, path: Path, sha256: str, check: Callable[[Path, str], object] | None) -> None:
    """Fetch a file that is not there into the folder that is."""
    part = path.with_name(f".{path.name}.part")
    version = part.with_name(f"{part.name}.version")
    logger.info("Fetching %s to %s", source, path)
    try:
        if "://" in source:
            _Download(source, path, part, version).run()
        else:
            _copy(source, part)
        _inspect(part, source, sha256)
        if check is not None:
            check(part, source)
    except InputError:
        # What a broken connection left is worth keeping if another attempt can go on from it.
        if not version.exists():
            part.unlink(missing_ok=True)
        raise
    put_in_place(part, path)
    version.unlink(missing_ok=True)


def _copy(source: str, part: Path) -> None:
    """Copy a file that somebody has already."""
    try:
        with open(Path(source).expanduser(), "rb") as found, open(part, "wb") as out:
            shutil.copyfileobj(found, out)
    except (FileNotFoundError, PermissionError, IsADirectoryError) as error:
        raise InputError(
            f"{source} should be a copy of the weights' file and cannot be read ({error.strerror}): set "
            "spatial.url to null, to an address or to the path of a copy"
        ) from error


def _inspect(part: Path, source: str, sha256: str) -> None:
    """Make sure that a finished file is no web page and has the right hash."""
    part.with_name(f"{part.name}.version").unlink(missing_ok=True)
    with open(part, "rb") as handle:
        beginning = handle.read(512).lstrip(b"\xef\xbb\xbf\t\r\n ").lower()
    if beginning.startswith((b"<!doctype", b"<html", b"<?xml")):
        raise _web_page(source)
    found = file_hash(part)
    logger.info("Fetched %d bytes with the SHA-256 %s", part.stat().st_size, found)
    if not found.startswith(sha256):
        raise InputError(
            f"{source} should have the SHA-256 {sha256} and has {found}: set spatial.url to another source, "
            "or spatial.sha256 to the hash of the file you mean"
        )


def _web_page(source: str) -> InputError:
    return InputError(
        f"{source} should be a file of weights and is a web page: open it in a browser to see what it says, "
        "and set spatial.url to the address of the file itself, or to the path of a copy"
    )


class _Download:
    """One file on its way.

    Parameters
    ----------
    url
        Its address.
    path
        Where it will belong, for messages.
    part, version
        What has arrived; and a note of where from, and of what the server calls this version of the file.
    """

    def __init__(self, url: str, path: Path, part: Path, version: Path) -> None:
        self.url, self.path, self.part, self.version = url, path, part, version
        self.most = self._arrived()
        self.in_vain = 0
        self._told = time.monotonic()

    def run(self) -> None:
        """Fetch the file; raises InputError where no attempt brings anything new any more."""
        from tenacity import Retrying, retry_if_exception_type, wait_exponential

        attempts = Retrying(
            retry=retry_if_exception_type(_Broken),
            wait=wait_exponential(FIRST_WAIT, max=LONGEST_WAIT),
            stop=lambda _: self.in_vain >= ATTEMPTS,
            before_sleep=lambda state: logger.warning(
                "%s: %s; going on in %.0f s", self.url, state.outcome.exception(), state.upcoming_sleep
            ),
            reraise=True,
        )
        try:
            attempts(self._attempt)
        except _Broken as error:
            raise InputError(
                f"{self.path} should hold the weights and could not be fetched from {self.url} ({error}): "
                "put the file there by hand, got from that address or a mirror on a machine that reaches it, "
                "or set spatial.url to a mirror's address or the path of a copy"
            ) from error

    def _attempt(self) -> None:
        from requests import RequestException
        from requests.exceptions import InvalidSchema, InvalidURL, TooManyRedirects

        try:
            self._transfer()
        except (InvalidSchema, InvalidURL, TooManyRedirects) as error:
            raise InputError(
                f"{self.url} should be an address of the weights' file and is none ({error}): correct "
                "spatial.url, or set it to null"
            ) from error
        except (RequestException, _Broken) as error:
            self._count()
            raise _Broken(_reason(error)) from error

    def _count(self) -> None:
        """Count attempts that brought no more than the best one before; a server may start over each time."""
        arrived = self.part.stat().st_size if self.part.exists() else 0
        self.in_vain = 0 if arrived > self.most else self.in_vain + 1
        self.most = max(self.most, arrived)

    def _transfer(self) -> None:
        """Ask for what is missing, and append it to what is there."""
        import requests

        start = self._arrived()
        # Compressed in transfer, positions would not be those of the file.
        headers = {"Accept-Encoding": "identity"}
        if start:
            headers |= {"Range": f"bytes={start}-", "If-Range": self.version.read_text().split("\n")[1]}
        with requests.get(self.url, headers=headers, stream=True, timeout=SILENCE) as answer:
            self._check_status(answer)
            resumed = answer.status_code == 206
            if resumed and not self._continues(answer, start):
                self._forget()
                raise _Broken("the server went on at another place or with another version of the file")
            self._note_version(answer)
            length = answer.headers.get("Content-Length")
            total = None if length is None else int(length) + (start if resumed else 0)
            self._append(answer, "ab" if resumed else "wb", total)

    def _append(self, answer: requests.Response, mode: str, total: int | None) -> None:
        with open(self.part, mode) as out:
            for piece in answer.iter_content(PIECE):
                out.write(piece)
                self._tell(out.tell(), total)
            size = out.tell()
        if total is not None and size != total:
            raise _Broken(f"{size} of {total} bytes arrived")

    def _tell(self, size: int, total: int | None) -> None:
        if time.monotonic() - self._told >= MESSAGE_EVERY:
            self._told = time.monotonic()
            share = "" if total is None else f" of {total / 1e6:.1f}"
            logger.info("%s: %.1f%s MB fetched", self.url, size / 1e6, share)

    def _check_status(self, answer: requests.Response) -> None:
        """Tell answers that bring the file from those that may later, and those that never will."""
        status = f"{answer.status_code} {answer.reason}"
        if answer.status_code == 416:
            self._forget()
        if answer.status_code in _PASSING:
            raise _Broken(f"the server answered {status}")
        if answer.status_code not in (200, 206):
            self._forget()
            raise InputError(
                f"{self.url} should be the weights' file and the server answered {status}: set spatial.url "
                f"to a mirror's address or the path of a copy, or put the file at {self.path} by hand"
            )
        if answer.headers.get("Content-Type", "").lower().startswith("text/html"):
            self._forget()
            raise _web_page(self.url)

    def _arrived(self) -> int:
        """Return how many bytes are there to go on from."""
        try:
            url, version, *_ = self.version.read_text().split("\n")
            return self.part.stat().st_size if url == self.url and version else 0
        except (FileNotFoundError, ValueError):
            return 0

    def _continues(self, answer: requests.Response, start: int) -> bool:
        place = re.match(r"bytes (\d+)-", answer.headers.get("Content-Range", ""))
        same = _version(answer) in ("", self.version.read_text().split("\n")[1])
        return place is not None and int(place[1]) == start and same

    def _note_version(self, answer: requests.Response) -> None:
        """Note what a later attempt has to know; without it, that one starts over."""
        if answer.status_code == 200:
            self._forget()
            if version := _version(answer):
                self.version.write_text(f"{self.url}\n{version}\n")

    def _forget(self) -> None:
        self.part.unlink(missing_ok=True)
        self.version.unlink(missing_ok=True)


def _version(answer: requests.Response) -> str:
    """Return what the server calls this version of the file, in terms that ranges may depend on."""
    tag = answer.headers.get("ETag", "")
    return tag if tag and not tag.startswith("W/") else answer.headers.get("Last-Modified", "")


def _reason(error: Exception) -> str:
    """Say in a few words why an attempt failed."""
    from requests.exceptions import ChunkedEncodingError, ConnectionError, ProxyError, Timeout

    logger.debug("%r", error)
    if isinstance(error, _Broken):
        return str(error)
    if isinstance(error, Timeout) or "timed out" in str(error):
        return f"nothing arrived for {SILENCE:.0f} s"
    if isinstance(error, ChunkedEncodingError):
        return "the connection broke off"
    if isinstance(error, ProxyError):
        return "no connection through the proxy"
    if isinstance(error, ConnectionError):
        return "no connection"
    return type(error).__name__
