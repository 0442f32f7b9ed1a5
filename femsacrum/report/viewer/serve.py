"""The page from this machine to a browser on this machine, without a file being written."""

from __future__ import annotations

from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

#: Only this machine can ask.
ADDRESS = "127.0.0.1"


def server(html: str, port: int = 0) -> ThreadingHTTPServer:
    """A server of one page; ``serve_forever`` starts it.

    Args:
        html: The page.
        port: Where it listens; 0: any free one, told in ``server_port``.

    Raises:
        OSError: The port is taken.
    """
    content = html.encode("utf-8")

    class Answer(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            if self.headers.get("Host", "") not in [f"{place}:{own.server_port}" for place in (ADDRESS, "localhost")]:
                self.send_error(HTTPStatus.FORBIDDEN)  # a page from elsewhere whose name was made to point here
            elif self.path != "/":
                self.send_error(HTTPStatus.NOT_FOUND)
            else:
                self.send_response(HTTPStatus.OK)
                self.send_header("Content-Type", "text/html; charset=utf-8")
                self.send_header("Content-Length", str(len(content)))
                self.send_header("Cache-Control", "no-store")
                self.send_header("X-Content-Type-Options", "nosniff")
                self.end_headers()
                self.wfile.write(content)

        def log_message(self, format: str, *args: object) -> None:
            """Nothing: what a browser asks for is no news."""

    own = ThreadingHTTPServer((ADDRESS, port), Answer)
    return own
