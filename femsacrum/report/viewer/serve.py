"""The page and its numbers from this machine to a browser on this machine, without a file being written."""

from __future__ import annotations

from collections.abc import Sequence
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from femsacrum.errors import InputError

#: Only this machine can ask.
ADDRESS = "127.0.0.1"


def server(html: str, chunks: Sequence[bytes] = (), port: int = 0) -> ThreadingHTTPServer:
    """A server of one page and its chunks; ``serve_forever`` starts it.

    Args:
        html: The page, at "/".
        chunks: At "/chunk/0", "/chunk/1", ..., each had when it is asked for; no other path is answered.
        port: Where it listens; 0: any free one, told in ``server_port``.

    Raises:
        OSError: The port is taken.
    """
    page = html.encode("utf-8")
    places = {f"/chunk/{number}": number for number in range(len(chunks))}

    class Answer(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            if self.headers.get("Host", "") not in [f"{place}:{own.server_port}" for place in (ADDRESS, "localhost")]:
                self.send_error(HTTPStatus.FORBIDDEN)  # a page from elsewhere whose name was made to point here
            elif self.path == "/":
                self.answer("text/html; charset=utf-8", page)
            elif self.path not in places:
                self.send_error(HTTPStatus.NOT_FOUND)
            else:
                try:
                    chunk = chunks[places[self.path]]
                except (InputError, KeyError, TypeError, AttributeError, IndexError, ValueError):
                    self.send_error(HTTPStatus.INTERNAL_SERVER_ERROR)  # a file that was changed since
                else:
                    self.answer("application/octet-stream", chunk)

        def answer(self, kind: str, content: bytes) -> None:
            self.send_response(HTTPStatus.OK)
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(content)))
            self.send_header("Cache-Control", "no-store")
            self.send_header("X-Content-Type-Options", "nosniff")
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, format: str, *args: object) -> None:
            """Nothing: what a browser asks for is no news."""

    own = ThreadingHTTPServer((ADDRESS, port), Answer)
    return own
