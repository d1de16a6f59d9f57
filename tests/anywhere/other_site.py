"""Somebody else's site: a web server of its own, on a port of its own, that knows nothing of ours."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

STRICT = "default-src 'none'; script-src {crm}; connect-src {crm}; frame-src {crm}; form-action 'self'"


class OtherSite:
    """`pages` by path; `posted` is what its own forms sent to it."""

    def __init__(self, crm: str) -> None:
        self.crm = crm
        self.pages: dict[str, str] = {}
        self.posted: list[str] = []
        self.url = ""

    def page(self, path: str, body: str) -> str:
        """Put a page there; its address."""
        self.pages[path] = (
            f"<!doctype html><html lang=en><head><title>Their site</title></head><body>{body}</body></html>"
        )
        return self.url + path


@contextmanager
def another_site(crm: str) -> Iterator[OtherSite]:
    site = OtherSite(crm)

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            page = site.pages.get(self.path.partition("?")[0])
            self.answer(200 if page else 404, page or "")

        def do_POST(self) -> None:
            site.posted.append(self.rfile.read(int(self.headers["Content-Length"])).decode())
            self.answer(200, "<!doctype html><title>Theirs</title><h1>Their own thanks</h1>")

        def answer(self, status: int, words: str) -> None:
            body = words.encode()
            self.send_response(status)
            self.send_header("Content-Type", "text/html; charset=utf-8")
            self.send_header("Content-Security-Policy", STRICT.format(crm=site.crm))
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    site.url = f"http://127.0.0.1:{server.server_port}"
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield site
    finally:
        server.shutdown()
        server.server_close()
