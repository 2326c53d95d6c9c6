"""A server of one file on this machine, which misbehaves as real ones do."""

import hashlib
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import numpy as np

#: What it serves.
CONTENT = np.random.default_rng(0).integers(0, 256, 1_000_000, np.uint8).tobytes()
DIGEST = hashlib.sha256(CONTENT).hexdigest()


class Server(ThreadingHTTPServer):
    """A server of one file, whose faults a test sets.

    Attributes
    ----------
    content, tag
        The file, and its version.
    cuts
        For each of the next answers, after how many bytes the connection is cut.
    statuses
        Of the next answers, before those that bring the file.
    ranges, heeds_version, told_length
        Whether it can begin in the middle, only if the version is still the one asked for, and whether it
        says how long the file is.
    pause, stall
        Seconds between tenths of the file, and after half of it, once.
    asked
        The headers of all requests.
    """

    daemon_threads = True

    def __init__(self):
        super().__init__(("127.0.0.1", 0), Handler)
        self.content, self.tag, self.kind = CONTENT, '"one"', "application/octet-stream"
        self.cuts, self.statuses, self.asked = [], [], []
        self.ranges = self.heeds_version = self.told_length = True
        self.pause = self.stall = 0.0

    @property
    def url(self):
        return f"http://127.0.0.1:{self.server_address[1]}/models/weights.pth"

    def handle_error(self, request, address):
        """Say nothing of clients that hang up."""


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self):
        server = self.server
        server.asked.append(dict(self.headers))
        self.close_connection = True
        if server.statuses:
            self.send_response(server.statuses.pop(0))
            self.send_header("Content-Length", "0")
            self.end_headers()
            return
        start = self.start_of_answer()
        size = len(server.content)
        if start >= size:
            self.send_error(416)
            return
        self.send_response(206 if start else 200)
        self.send_header("Content-Type", server.kind)
        if server.tag:
            self.send_header("ETag", server.tag)
        if start:
            self.send_header("Content-Range", f"bytes {start}-{size - 1}/{size}")
        if server.told_length:
            self.send_header("Content-Length", str(size - start))
        self.end_headers()
        self.send_body(server.content[start : server.cuts.pop(0) if server.cuts else None])

    def start_of_answer(self):
        asked = self.headers.get("Range")
        same = not self.server.heeds_version or self.headers.get("If-Range") in (None, self.server.tag)
        return int(asked.removeprefix("bytes=").rstrip("-")) if asked and same and self.server.ranges else 0

    def send_body(self, body):
        tenth = len(body) // 10 + 1
        for number in range(10):
            self.wfile.write(body[number * tenth : (number + 1) * tenth])
            time.sleep(self.server.pause)
            if number == 4 and self.server.stall:
                self.wfile.flush()
                stall, self.server.stall = self.server.stall, 0.0
                time.sleep(stall)

    def log_message(self, *arguments):
        pass


class Once(list):
    """A list of one entry; when it is taken, something happens that says what it is."""

    def __init__(self, cuts, then):
        super().__init__(cuts)
        self.then = then

    def pop(self, place):
        super().pop(place)
        return self.then()
