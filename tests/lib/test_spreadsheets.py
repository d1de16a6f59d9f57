"""Long files are sent while they are read, and whoever watches over the process hears of it."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

from leadcrm import webserver
from leadcrm.lib import sending
from leadcrm.lib.spreadsheets import LINES_AT_ONCE, csv_response


def test_a_worker_that_sends_a_long_file_says_so_between_its_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    heard: list[int] = []
    monkeypatch.setattr(webserver, "die_with_parent", lambda *args, **more: None)
    monkeypatch.setattr(sending, "_listener", None)
    webserver.post_fork(None, SimpleNamespace(ppid=1, notify=lambda: heard.append(1)))

    sent = list(csv_response("leads", ["name"], (["Nina"] for _ in range(3 * LINES_AT_ONCE))))

    assert len(sent) == 4
    assert len(heard) == 3
