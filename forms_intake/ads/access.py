"""What a connector knows of its network, and its secrets: sealed in the database, open only while they are used."""

from __future__ import annotations

import json
from collections.abc import Mapping

from forms_intake.ads.connecting import Access, Network, network_of
from forms_intake.models import Connector
from leadcrm.lib.sealed import Unreadable, seal, unseal

PURPOSE = "ads"


def network(connector: Connector) -> Network:
    """The network of this connector."""
    return network_of(connector.kind)


def access_of(connector: Connector) -> Access:
    """Its secrets and its account. Secrets that cannot be read any more are none (`are_lost`)."""
    return Access(_secrets(connector) or {}, connector.account_id)


def are_lost(connector: Connector) -> bool:
    """Whether secrets are kept that cannot be read: the installation has another key than when they were saved."""
    return connector.sealed is not None and _secrets(connector) is None


def with_secrets(connector: Connector, typed: Mapping[str, str]) -> bytes:
    """The sealed bytes once what was typed in has replaced what was there; what was left empty stays."""
    kept = dict(_secrets(connector) or {})
    kept |= {key: text for key, text in typed.items() if text}
    return seal(json.dumps(kept), purpose=PURPOSE)


def _secrets(connector: Connector) -> dict[str, str] | None:
    if connector.sealed is None:
        return {}
    try:
        found: dict[str, str] = json.loads(unseal(connector.sealed, purpose=PURPOSE))
    except Unreadable:
        return None
    return found
