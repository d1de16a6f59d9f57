"""A broker that hung while people posted: once it is back, beat's sweep finds what no doorbell rang for."""

from __future__ import annotations

import json
import os
import re
import signal
import sys
import time
import urllib.request
from pathlib import Path
from typing import Any

import pytest

from tests.sites import Site

pytestmark = [
    pytest.mark.deep,
    pytest.mark.skipif(not sys.platform.startswith("linux"), reason="looks at processes through /proc"),
]


def ready(site: Site) -> dict[str, Any]:
    said: dict[str, Any] = json.loads(site.get("/readyz"))
    return said


def wait_until_nothing_waits(site: Site, *, seconds: float = 30) -> None:
    until = time.monotonic() + seconds
    while ready(site)["oldest_submission_seconds"] is not None:
        assert time.monotonic() < until, ready(site)
        time.sleep(0.2)


def test_what_was_posted_while_the_broker_hung_is_found_by_beat(tmp_path: Path) -> None:
    with Site(tmp_path / "data") as site:
        site.start("--demo")
        site.wait_for_processes(["--quiet worker", "--quiet beat"])
        door = re.findall(r'action="/(f/[^"]+)"', site.get("/p/demo/"))[0]
        names = re.findall(r'<input[^>]*name="([a-z][a-z_]*)"[^>]*required', site.get("/p/demo/"))
        wait_until_nothing_waits(site)
        [broker] = site.named("valkey-server")
        os.kill(broker, signal.SIGSTOP)
        try:
            body = {name: "nina@nordwind.example" if "mail" in name else "Nina" for name in names}
            request = urllib.request.Request(
                site.url + door, json.dumps(body).encode(), {"Content-Type": "application/json"}
            )
            assert urllib.request.urlopen(request, timeout=10).status == 202
            time.sleep(6)  # longer than a ring is remembered, so that none is still on its way
            said = ready(site)
            assert (said["broker"], said["oldest_submission_seconds"] > 5) == ("does not answer", True)
        finally:
            os.kill(broker, signal.SIGCONT)

        wait_until_nothing_waits(site)
        assert ready(site)["broker"] == "ok"
