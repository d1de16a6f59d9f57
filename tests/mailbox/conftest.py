"""The IMAP server that tests talk to."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from tests.mailbox.servers import Server, serving


@pytest.fixture(scope="session")
def one_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with serving(tmp_path_factory.mktemp("imap")) as server:
        yield server


@pytest.fixture
def server(one_server: Server, settings: Any) -> Server:
    """Empty, and trusted."""
    settings.MAILBOX_CA_FILE = str(one_server.ca)
    settings.WEBHOOK_PRIVATE_NETWORKS = True
    one_server.is_emptied()
    return one_server
