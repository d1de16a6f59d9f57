"""A little mail server on a port of this machine. What it takes is in `mails`; it can go away and come back."""

from __future__ import annotations

import socket
import socketserver
import threading
from email import message_from_string, policy
from email.message import EmailMessage
from typing import Any


def free_port() -> int:
    """A port on which nothing listens."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    return port


class _Talk(socketserver.StreamRequestHandler):
    """One connection, as SMTP wants it."""

    server: Any

    def say(self, line: str) -> None:
        self.wfile.write(f"{line}\r\n".encode())

    def handle(self) -> None:
        self.say("220 ready")
        to = ""
        while line := self.rfile.readline().decode().strip():
            word = line[:4].upper()
            if word == "RCPT":
                to = line.partition("<")[2].partition(">")[0]
                self.say("550 no such person" if to in self.server.office.refused else "250 ok")
            elif word == "DATA":
                self.say("354 go on")
                lines: list[str] = []
                while (text := self.rfile.readline().decode().rstrip("\r\n")) != ".":
                    lines.append(text.removeprefix("."))
                self.server.office.mails.append(message_from_string("\n".join(lines), policy=policy.default))
                if self.server.office.hangs_up:
                    return  # taken, and no answer
                self.say("250 taken")
            elif word == "QUIT":
                self.say("221 bye")
                return
            else:
                self.say("250 ok")


class _Server(socketserver.ThreadingTCPServer):
    allow_reuse_address = True
    daemon_threads = True
    office: PostOffice


class PostOffice:
    """Use as a context manager, or `open` and `close` by hand."""

    def __init__(self, port: int = 0) -> None:
        self.port = port or free_port()
        self.mails: list[EmailMessage] = []
        self.refused: set[str] = set()
        self.hangs_up = False
        self._server: _Server | None = None

    def open(self) -> None:
        self._server = _Server(("127.0.0.1", self.port), _Talk)
        self._server.office = self
        threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()

    def close(self) -> None:
        if self._server:
            self._server.shutdown()
            self._server.server_close()

    def __enter__(self) -> PostOffice:
        self.open()
        return self

    def __exit__(self, *_: object) -> None:
        self.close()
