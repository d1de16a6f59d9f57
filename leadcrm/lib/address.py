"""Who is asking: the client's address behind as many proxies as are ours."""

from __future__ import annotations

import ipaddress

from django.conf import settings
from django.http import HttpRequest


def client_address(request: HttpRequest) -> str:
    """The client's address, or "" when it cannot be known.

    The last `TRUSTED_PROXIES` entries of X-Forwarded-For were written by our own proxies and are believed; anything
    to the left of them is the client's own claim and is not.
    """
    remote: str = request.META.get("REMOTE_ADDR", "")
    proxies: int = settings.TRUSTED_PROXIES
    if proxies:
        entries = request.META.get("HTTP_X_FORWARDED_FOR", "").split(",")
        remote = entries[-proxies].strip() if len(entries) >= proxies else remote
    try:
        return str(_plain(ipaddress.ip_address(remote)))
    except ValueError:
        return ""


def network_of(address: str) -> str:
    """What counts as one sender: the address, for IPv6 its /64, of which one household owns all."""
    if ":" not in address:
        return address or "unknown"
    plain = _plain(ipaddress.ip_address(address))
    return str(plain if plain.version == 4 else ipaddress.ip_network(f"{plain}/64", strict=False).network_address)


def _plain(address: ipaddress.IPv4Address | ipaddress.IPv6Address) -> ipaddress.IPv4Address | ipaddress.IPv6Address:
    # A socket that listens for both families gives ::ffff:192.0.2.1 for 192.0.2.1; all of those share one /64.
    return getattr(address, "ipv4_mapped", None) or address
