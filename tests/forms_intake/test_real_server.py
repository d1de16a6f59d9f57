"""What only a real web server does: posts whose length nobody knows."""

from __future__ import annotations

import http.client
import os
import signal
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from leadcrm.embedded.processes import spawn
from leadcrm.programs import ROOT, web_command
from leadcrm.running import listen

JSON = {"Content-Type": "application/json"}
BODY = b'{"email": "nina@nordwind.example"}'


@pytest.fixture(scope="module")
def port(tmp_path_factory: pytest.TempPathFactory) -> Iterator[int]:
    """Where gunicorn serves with our own settings of it."""
    log: Path = tmp_path_factory.mktemp("web") / "web.log"
    environment = {**os.environ, "DJANGO_SETTINGS_MODULE": "tests.settings", "LEADCRM_WEB_PROCESSES": "1"}
    with listen("127.0.0.1", 0) as listener:
        command = web_command(f"fd://{listener.fileno()}")
        kept = [listener.fileno()]
        web = spawn(command, log=log, dies_by=signal.SIGKILL, env=environment, cwd=ROOT, keep=kept)
        try:
            yield listener.getsockname()[1]
        finally:
            web.terminate()
            web.wait(10)


def post(port: int, body: object, **more: str) -> tuple[int, bytes]:
    """Status and body; the server may take a while to start."""
    until = time.monotonic() + 30
    while True:
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
        with suppress(ConnectionError):
            connection.request("POST", "/f/nothing/", body, {**JSON, **more})  # type: ignore[arg-type]
            answer = connection.getresponse()
            return answer.status, answer.read()
        assert time.monotonic() < until


def test_a_post_in_chunks_is_told_to_come_whole(port: int) -> None:
    status, said = post(port, iter([BODY[:10], BODY[10:]]))  # http.client sends it in chunks

    assert status == 411
    assert b"length_missing" in said


def test_a_post_that_says_its_length_goes_on(port: int) -> None:
    status, said = post(port, BODY)

    assert status != 411  # whatever the database, which this server shares with no test, says of the form
    assert b"length_missing" not in said
