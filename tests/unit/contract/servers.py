"""Servers that answer wrongly."""

import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Final

# Of a server at 127.0.0.1, valid in January 2020 and never since; its own authority.
EXPIRED: Final = Path(__file__).parent / "expired"
CERTIFICATE: Final = EXPIRED / "certificate.pem"


@contextmanager
def answering(
    status: int, body: str = "", *, is_expired: bool = False, **headers: str
) -> Iterator[tuple[str, list[dict[str, str]]]]:
    """Run a server that always gives one answer; give its address and the headers that it was sent.

    One whose certificate is expired speaks TLS.
    """
    seen: list[dict[str, str]] = []

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:  # the library's name
            self.rfile.read(int(self.headers.get("Content-Length") or 0))
            seen.append({"path": self.path, **dict(self.headers)})
            self.send_response(status)
            for name, value in headers.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(body.encode())

        do_POST = do_PUT = do_GET  # noqa: N815 - the library's names

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the library's name
            """Say nothing."""

    class Server(ThreadingHTTPServer):
        def handle_error(self, request: object, client_address: object) -> None:
            """Say nothing: a client that goes away is what is tried here."""

    server = Server(("127.0.0.1", 0), Handler)
    if is_expired:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(CERTIFICATE, EXPIRED / "server.pem")
        server.socket = context.wrap_socket(server.socket, server_side=True)
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    try:
        yield f"127.0.0.1:{server.server_port}", seen
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
