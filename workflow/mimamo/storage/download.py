"""Resumable downloads of large published files, verified by hash and atomically put into place."""

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
from mimamo.storage.files import file_hash, replace_path
from mimamo.storage.paths import describe_error

if TYPE_CHECKING:
    import requests

logger = logging.getLogger("mimamo.storage.download")

#: Attempts in a row without new bytes before the download is given up.
ATTEMPTS = 5

#: Seconds: wait before the second attempt, doubled for each one after it; the longest wait; read time-out.
FIRST_RETRY_DELAY, MAX_RETRY_DELAY, READ_TIMEOUT = 1.0, 30.0, 30.0

#: Seconds between two messages about progress.
LOG_INTERVAL = 10.0

#: Bytes read at once; what has arrived of an incomplete chunk when the connection breaks is lost.
CHUNK_SIZE = 1 << 16

#: Statuses worth another attempt: time-outs, too many requests, ranges past the end, server errors.
_RETRY_STATUSES = {408, 416, 429, *range(500, 600)}


class _TransferFailed(Exception):
    """A failed attempt that another one may resume."""


def fetch(
    source: str, path: Path, sha256: str = "", check: Callable[[Path, str], object] | None = None
) -> None:
    """Fetch a file from an address or a path, unless it is there already.

    What has arrived when a connection breaks stays in ``.<name>.part`` beside `path`, and the next attempt,
    of this call or of another, resumes from there if the server reports that the file is still the same.

    Parameters
    ----------
    source
        An address (``http``, ``https``) or the path of a copy.
    path
        Where the file belongs. Its folder is created.
    sha256
        The file's SHA-256 in hexadecimal digits, or its first digits; empty for no check.
    check
        Called with the path of the complete temporary file and with `source`, which names it in messages;
        raises InputError where its content is not the expected one.

    Raises
    ------
    InputError
        Where the file cannot be fetched or written, or is not the expected one; in the last case nothing is
        left.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with _locked(path.parent):
            if not path.exists():
                _fetch(source, path, sha256.lower(), check)
    except OSError as error:
        raise InputError(
            f"{path} cannot be written ({error.strerror or error}): free some space, check the folder's "
            "permissions, or set spatial.cache to another folder"
        ) from error


@contextmanager
def _locked(folder: Path) -> Iterator[None]:
    """Lock a folder, where the file system can, so that one process at a time fetches into it."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        with suppress(OSError):
            fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)


def _fetch(source: str, path: Path, sha256: str, check: Callable[[Path, str], object] | None) -> None:
    """Fetch a file that does not exist yet into its existing folder."""
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
        # What a broken connection left is worth keeping if another attempt can resume it.
        if not version.exists():
            part.unlink(missing_ok=True)
        raise
    replace_path(part, path)
    version.unlink(missing_ok=True)


def _copy(source: str, part: Path) -> None:
    """Copy a local file."""
    try:
        with open(Path(source).expanduser(), "rb") as original, open(part, "wb") as out:
            shutil.copyfileobj(original, out)
    except (FileNotFoundError, NotADirectoryError, PermissionError, IsADirectoryError) as error:
        raise InputError(
            f"{source} should be a copy of the weights' file, found {describe_error(source, error)}: set "
            "spatial.url to null, to an address or to the path of a copy"
        ) from error


def _inspect(part: Path, source: str, sha256: str) -> None:
    """Make sure that a complete file is no web page and has the expected hash."""
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
    """Build the error for an address that serves a web page instead of the file."""
    return InputError(
        f"{source} should be a file of weights and is a web page: open it in a browser to see what it says, "
        "and set spatial.url to the address of the file itself, or to the path of a copy"
    )


class _Download:
    """The download of one file, with what has to be known to resume it.

    Parameters
    ----------
    url
        Its address.
    path
        The file's final path, for messages.
    part, version
        The bytes that have arrived; and a file with their address and the server's ETag (or modification
        time) of this version.
    """

    def __init__(self, url: str, path: Path, part: Path, version: Path) -> None:
        self.url, self.path, self.part, self.version = url, path, part, version
        self.most_bytes = self._bytes_present()
        self.failed_attempts = 0
        self._last_logged = time.monotonic()

    def run(self) -> None:
        """Fetch the file; raise InputError after `ATTEMPTS` attempts in a row without new bytes."""
        from tenacity import Retrying, retry_if_exception_type, wait_exponential

        attempts = Retrying(
            retry=retry_if_exception_type(_TransferFailed),
            wait=wait_exponential(FIRST_RETRY_DELAY, max=MAX_RETRY_DELAY),
            stop=lambda _: self.failed_attempts >= ATTEMPTS,
            before_sleep=lambda state: logger.warning(
                "%s: %s; going on in %.0f s", self.url, state.outcome.exception(), state.upcoming_sleep
            ),
            reraise=True,
        )
        try:
            attempts(self._attempt)
        except _TransferFailed as error:
            raise InputError(
                f"{self.path} should hold the weights and could not be downloaded from {self.url} ({error}): "
                "put the file there by hand, downloaded from that address or a mirror on another machine, "
                "or set spatial.url to a mirror's address or the path of a copy"
            ) from error

    def _attempt(self) -> None:
        """Make one attempt; raise `_TransferFailed` where another may succeed, InputError where none can."""
        from requests import RequestException
        from requests.exceptions import InvalidSchema, InvalidURL, TooManyRedirects

        try:
            self._transfer()
        except (InvalidSchema, InvalidURL, TooManyRedirects) as error:
            raise InputError(
                f"{self.url} should be an address of the weights' file and is none ({error}): correct "
                "spatial.url, or set it to null"
            ) from error
        except (RequestException, _TransferFailed) as error:
            self._count()
            raise _TransferFailed(_reason(error)) from error

    def _count(self) -> None:
        """Count the attempts in a row that got no further than the best one: a server may start over."""
        arrived = self.part.stat().st_size if self.part.exists() else 0
        self.failed_attempts = 0 if arrived > self.most_bytes else self.failed_attempts + 1
        self.most_bytes = max(self.most_bytes, arrived)

    def _transfer(self) -> None:
        """Request the missing bytes, and append them to those present."""
        import requests

        start = self._bytes_present()
        # With compression in transfer, byte positions would not be those of the file.
        headers = {"Accept-Encoding": "identity"}
        if start:
            headers |= {"Range": f"bytes={start}-", "If-Range": self.version.read_text().split("\n")[1]}
        with requests.get(self.url, headers=headers, stream=True, timeout=READ_TIMEOUT) as response:
            self._check_status(response)
            resumed = response.status_code == 206
            if resumed and not self._continues(response, start):
                self._forget()
                raise _TransferFailed(
                    "the server went on at another place or with another version of the file"
                )
            self._note_version(response)
            length = response.headers.get("Content-Length")
            total = None if length is None else int(length) + (start if resumed else 0)
            self._append(response, "ab" if resumed else "wb", total)

    def _append(self, response: requests.Response, mode: str, total: int | None) -> None:
        """Write the body of a response; raise `_TransferFailed` where it ends before `total` bytes."""
        with open(self.part, mode) as out:
            for chunk in response.iter_content(CHUNK_SIZE):
                out.write(chunk)
                self._log(out.tell(), total)
            size = out.tell()
        if total is not None and size != total:
            raise _TransferFailed(f"{size} of {total} bytes arrived")

    def _log(self, size: int, total: int | None) -> None:
        """Log the progress, at most every `LOG_INTERVAL` seconds."""
        if time.monotonic() - self._last_logged >= LOG_INTERVAL:
            self._last_logged = time.monotonic()
            of_total = "" if total is None else f" of {total / 1e6:.1f}"
            logger.info("%s: %.1f%s MB fetched", self.url, size / 1e6, of_total)

    def _check_status(self, response: requests.Response) -> None:
        """Raise `_TransferFailed` where another attempt may succeed, InputError where none can."""
        status = f"{response.status_code} {response.reason}"
        if response.status_code == 416:
            self._forget()
        if response.status_code in _RETRY_STATUSES:
            raise _TransferFailed(f"the server answered {status}")
        if response.status_code not in (200, 206):
            self._forget()
            raise InputError(
                f"{self.url} should be the weights' file and the server answered {status}: set spatial.url "
                f"to a mirror's address or the path of a copy, or put the file at {self.path} by hand"
            )
        if response.headers.get("Content-Type", "").lower().startswith("text/html"):
            self._forget()
            raise _web_page(self.url)

    def _bytes_present(self) -> int:
        """Return the number of bytes present that a request can resume from."""
        try:
            url, version, *_ = self.version.read_text().split("\n")
            return self.part.stat().st_size if url == self.url and version else 0
        except (FileNotFoundError, ValueError):
            return 0

    def _continues(self, response: requests.Response, start: int) -> bool:
        """Return whether a partial response begins at byte `start` of the same version of the file."""
        content_range = re.match(r"bytes (\d+)-", response.headers.get("Content-Range", ""))
        same = _version(response) in ("", self.version.read_text().split("\n")[1])
        return content_range is not None and int(content_range[1]) == start and same

    def _note_version(self, response: requests.Response) -> None:
        """Write down the version that a later attempt needs to resume; without it, that one starts over."""
        if response.status_code == 200:
            self._forget()
            if version := _version(response):
                self.version.write_text(f"{self.url}\n{version}\n")

    def _forget(self) -> None:
        """Delete what has arrived, and its version."""
        self.part.unlink(missing_ok=True)
        self.version.unlink(missing_ok=True)


def _version(response: requests.Response) -> str:
    """Return the strong ETag or else the modification time, which range requests may depend on."""
    etag = response.headers.get("ETag", "")
    return etag if etag and not etag.startswith("W/") else response.headers.get("Last-Modified", "")


def _reason(error: Exception) -> str:
    """Describe in a few words why an attempt failed."""
    from requests.exceptions import ChunkedEncodingError, ConnectionError, ProxyError, Timeout

    logger.debug("%r", error)
    if isinstance(error, _TransferFailed):
        return str(error)
    if isinstance(error, Timeout) or "timed out" in str(error):
        return f"nothing arrived for {READ_TIMEOUT:.0f} s"
    if isinstance(error, ChunkedEncodingError):
        return "the connection broke off"
    if isinstance(error, ProxyError):
        return "no connection through the proxy"
    if isinstance(error, ConnectionError):
        return "no connection"
    return type(error).__name__
