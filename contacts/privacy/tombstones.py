"""Whom we must not take back silently: keyed hashes of the match keys of people who were erased.

A hash cannot be turned back, and without the key (made of SECRET_KEY) not even tried out. It refuses whoever brings
such a person back without their will: imports, the API, a person typing. Who comes back by themselves lifts it.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Iterable, Sequence
from datetime import datetime

from django.conf import settings
from django.utils import timezone

from contacts.errors import WasErased
from contacts.models import DataRequest, Tombstone
from leadcrm.lib.claims import Key

ALONE = frozenset({"email", "external_id"})
"""What says by itself who somebody is. A phone number may be a company's, a name anybody's."""


def digest(key: Key, secret: str = "") -> str:
    """The keyed hash of a match key, 64 hexadecimal digits."""
    made_of = hashlib.sha256(b"contacts.tombstones\0" + (secret or settings.SECRET_KEY).encode()).digest()
    return hmac.new(made_of, f"{key[0]}\0{key[1]}".encode(), hashlib.sha256).hexdigest()


def email_digest(email: str) -> str:
    """The same of an e-mail address, for requests that are done."""
    return digest(("email", email)) if email else ""


def raise_over(keys: Sequence[Key], request: DataRequest | None) -> int:
    """Let nobody with one of these keys come back; how many stones there are. What was lifted stands anew."""
    strong = [key for key in keys if ALONE & set(key[0].split("+")) or "+" in key[0]] or list(keys)
    now = timezone.now()
    for key in sorted(set(strong)):
        fresh = {"request": request, "erased_at": now, "lifted_at": None, "lifted_how": ""}
        Tombstone.objects.update_or_create(digest=digest(key), defaults=fresh)
    return len(set(strong))


def standing_over(keys: Iterable[Key]) -> dict[Key, datetime]:
    """Those of the keys over which a stone stands, with when their person was erased. One query."""
    by_digest = {digest(key, secret): key for key in set(keys) for secret in _secrets()}
    if not by_digest:
        return {}
    stones = Tombstone.objects.filter(digest__in=list(by_digest), lifted_at=None).values_list("digest", "erased_at")
    return {by_digest[found]: erased_at for found, erased_at in stones}


def are_any() -> bool:
    """Whether any stone stands: most workspaces have none, and many rows need not be hashed."""
    return Tombstone.objects.filter(lifted_at=None).exists()


def refuse(keys: Iterable[Key]) -> None:
    """Raise WasErased when somebody with one of these keys was erased."""
    standing = standing_over(keys)
    if standing:
        raise WasErased(min(standing.values()))


def lift(keys: Iterable[Key], how: str) -> int:
    """They are back by their own will, `how` says through what; how many stones stand no longer."""
    digests = [digest(key, secret) for key in set(keys) for secret in _secrets()]
    stones = Tombstone.objects.filter(digest__in=digests, lifted_at=None)
    return stones.update(lifted_at=timezone.now(), lifted_how=how[:200])


def _secrets() -> list[str]:
    """Those before the present one count too: what they stand over stays."""
    return [str(settings.SECRET_KEY), *map(str, settings.SECRET_KEY_FALLBACKS)]
