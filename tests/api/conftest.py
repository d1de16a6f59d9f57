"""What tests of the API share."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from tests.api.consumer import Consumer, a_consumer


@pytest.fixture
def consumer(settings: Any) -> Iterator[Consumer]:
    """Another system, on this machine, which webhooks may reach."""
    settings.WEBHOOK_PRIVATE_NETWORKS = True
    with a_consumer() as one:
        yield one
