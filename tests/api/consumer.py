"""A system that listens: keeps what it gets, and answers as it is told."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from standardwebhooks.webhooks import Webhook


@dataclass
class Consumer:
    """`answers`: what it answers next, a status or seconds to hang; then 204 for ever. `got`: headers and bodies."""

    url: str = ""
    answers: list[Any] = field(default_factory=list)
    headers: dict[str, str] = field(default_factory=dict)
    got: list[tuple[dict[str, str], bytes]] = field(default_factory=list)

    def verified(self, secret: str) -> list[Any]:
        """What came, each checked by the public reference library."""
        return [Webhook(secret).verify(body, headers) for headers, body in self.got]

    @property
    def ids(self) -> list[str]:
        return [headers["webhook-id"] for headers, _ in self.got]

    def wait_for(self, number: int, seconds: float = 20) -> None:
        until = time.monotonic() + seconds
        while len(self.got) < number and time.monotonic() < until:
            time.sleep(0.02)
        assert len(self.got) >= number, f"{len(self.got)} of {number} came"


@contextmanager
def a_consumer() -> Iterator[Consumer]:
    """One that listens on this machine while it lasts."""
    consumer = Consumer()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            answer = consumer.answers.pop(0) if consumer.answers else 204
            consumer.got.append(({name.lower(): value for name, value in self.headers.items()}, body))
            if isinstance(answer, float):
                time.sleep(answer)
                answer = 204
            self.send_response(answer)
            for name, value in consumer.headers.items():
                self.send_header(name, value)
            self.end_headers()
            if answer not in {204, 304}:
                self.wfile.write(b"<script>alert(1)</script>" * 4000)

        def log_message(self, *words: Any) -> None:
            """Quiet."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    consumer.url = f"http://127.0.0.1:{server.server_port}/hooks"
    try:
        yield consumer
    finally:
        server.shutdown()
        server.server_close()
