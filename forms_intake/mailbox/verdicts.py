"""Whether a message comes from where it says: what the trusted host found, and nobody else.

Anybody can write an Authentication-Results header; only the one that our own mail server put on top is worth reading.
"""

from __future__ import annotations

from dataclasses import dataclass
from email.message import EmailMessage

from authres import AuthenticationResultsHeader, AuthResError

UNCHECKED, PASSED, FAILED = "unchecked", "passed", "failed"
MOST_HEADERS = 20
LONGEST = 4_000


@dataclass(frozen=True)
class Verdict:
    """`word`: UNCHECKED, PASSED or FAILED; `why` says it for people."""

    word: str
    why: str


def verdict_on(message: EmailMessage, sender: str, trusted_host: str) -> Verdict:
    """What the trusted host says of the address a message comes from."""
    if not trusted_host:
        return Verdict(UNCHECKED, "Its sender was not checked: the mailbox names no trusted host.")
    found: dict[str, list[tuple[str, str]]] = {"spf": [], "dkim": [], "dmarc": []}
    said = False
    for header in list(message.get_all("Authentication-Results") or [])[:MOST_HEADERS]:
        parsed = _parsed(str(header))
        if parsed is None or str(parsed.authserv_id or "").casefold() != trusted_host.casefold():
            continue
        said = True
        for one in parsed.results:
            method = str(one.method or "").lower()
            if method in found:
                found[method].append((str(one.result or "").lower(), _domain_of(one)))
        break  # the topmost: those below may have come with the message
    if not said:
        return Verdict(FAILED, f"{trusted_host} says nothing about who sent it.")
    return _judged(found, sender.rpartition("@")[2].casefold(), trusted_host)


def _judged(found: dict[str, list[tuple[str, str]]], domain: str, host: str) -> Verdict:
    words = ", ".join(f"{method} {result}" for method, all in found.items() for result, _ in all) or "nothing"
    dmarc = [result for result, _ in found["dmarc"]]
    if "pass" in dmarc:
        return Verdict(PASSED, f"{host} found: {words}.")
    if "fail" in dmarc:
        return Verdict(FAILED, f"It does not come from {domain or 'where it says'}: {host} found {words}.")
    aligned = any(
        result == "pass" and _aligned(one, domain) for method in ("dkim", "spf") for result, one in found[method]
    )
    if aligned:
        return Verdict(PASSED, f"{host} found: {words}.")
    return Verdict(FAILED, f"Nothing shows that it comes from {domain or 'where it says'}: {host} found {words}.")


def _parsed(header: str) -> AuthenticationResultsHeader | None:
    try:
        return AuthenticationResultsHeader.parse("Authentication-Results: " + " ".join(header[:LONGEST].split()))
    except (AuthResError, ValueError, RecursionError, AttributeError, IndexError, TypeError):
        return None


def _domain_of(result: object) -> str:
    """The domain that an SPF or DKIM result is about."""
    for name in ("header_d", "header_i", "smtp_mailfrom", "smtp_helo"):
        value = str(getattr(result, name, None) or "")
        if value:
            return value.rpartition("@")[2].casefold()
    return ""


def _aligned(one: str, domain: str) -> bool:
    """The same domain, or one below the other."""
    if not one or not domain or "." not in one or "." not in domain:
        return False
    return one == domain or one.endswith("." + domain) or domain.endswith("." + one)
