"""The network that tests talk to."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from tests.ads.network import Network, serving


@pytest.fixture
def network(settings: Any) -> Iterator[Network]:
    with serving() as one:
        settings.LINKEDIN_API = one.address
        settings.WEBHOOK_PRIVATE_NETWORKS = True
        yield one
