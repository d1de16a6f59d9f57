"""Where Celery finds the broker: what it makes of the one address that Redis' own client reads as it is."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qs, urlsplit

CERTIFICATES = ("ssl_ca_certs", "ssl_certfile", "ssl_keyfile")


@dataclass(frozen=True)
class Broker:
    """An address as Celery reads it; `checks`: how it makes sure of who answers, None where nothing is encrypted."""

    url: str
    checks: dict[str, Any] | None = None


def broker_at(address: str) -> Broker:
    """The broker at an address that `env.redis_url` took."""
    parts = urlsplit(address)
    said = parse_qs(parts.query)
    if parts.scheme == "unix":
        return Broker(f"redis+socket://{parts.path}?virtual_host={said.get('db', ['0'])[0]}")
    if parts.scheme != "rediss":
        return Broker(address)
    # Celery would take any certificate unless told otherwise; Redis' own client checks it by default.
    required = said.get("ssl_cert_reqs", ["required"])[0]
    checks = {"ssl_cert_reqs": required, "ssl_check_hostname": required == "required"}
    files = {name: values[0] for name, values in said.items() if name in CERTIFICATES}
    # What the address says of certificates would win over these.
    return Broker(parts._replace(query="").geturl(), checks | files)
