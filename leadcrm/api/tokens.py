"""Tokens: made, shown once, looked up, revoked."""

from __future__ import annotations

import hashlib
import hmac
import re
import secrets
import string
from collections.abc import Sequence
from datetime import datetime, timedelta

from django.db.models import Q
from django.utils import timezone

from contacts.models import Role, User
from leadcrm.api.models import ApiToken
from leadcrm.api.scopes import SCOPES
from leadcrm.lib.api.calling import Caller

LETTERS = string.ascii_letters + string.digits
MARK = "lcrm_"
"""How every token begins, so that scanners of leaked secrets can know it."""
SHAPE = re.compile(r"lcrm_([A-Za-z0-9]{8})_([A-Za-z0-9]{40})")
SEEN_EVERY = timedelta(minutes=1)
"""How exactly it is known when a token was last used."""


def make_token(
    *,
    name: str,
    scopes: Sequence[str],
    by: User,
    user: User | None = None,
    role: str = "",
    expires_at: datetime | None = None,
    per_minute: int = 600,
) -> tuple[ApiToken, str]:
    """A new token, and its words, which nobody can be shown again. It acts as `user`, or as itself with a `role`."""
    unknown = set(scopes) - SCOPES.keys()
    if unknown or (user is None) == (not role):
        raise ValueError(f"scopes {unknown or 'known'}; acts as {user or role or 'nobody'}")
    prefix, secret = _random(8), _random(40)
    words = f"{MARK}{prefix}_{secret}"
    token = ApiToken.objects.create(
        name=name,
        prefix=prefix,
        digest=_digest(words),
        scopes=sorted(scopes),
        user=user,
        role=role,
        per_minute=per_minute,
        expires_at=expires_at,
        created_by=by,
    )
    return token, words


def revoke_token(token_id: int, *, by: User) -> bool:
    """End a token for good; False when it was revoked already."""
    there = ApiToken.objects.filter(pk=token_id, revoked_at=None)
    return bool(there.update(revoked_at=timezone.now(), revoked_by=by))


def caller_with(words: str) -> tuple[ApiToken | None, Caller | None, str]:
    """The token in force that these words are, and who calls with it; or why not. One query, and a second at most once
    a minute.
    """
    shaped = SHAPE.fullmatch(words)
    token = ApiToken.objects.select_related("user").filter(prefix=shaped[1]).first() if shaped else None
    if token is None or not hmac.compare_digest(bytes(token.digest), _digest(words)):
        return None, None, "This is no token of this workspace."
    now = timezone.now()
    if token.revoked_at is not None:
        return None, None, "This token was revoked."
    if token.has_expired(now):
        return None, None, "This token has expired."
    if token.user is not None and not token.user.is_active:
        return None, None, "Who this token acts as no longer works here."
    _note_use(token, now)
    return token, _caller(token), ""


def _caller(token: ApiToken) -> Caller:
    person: User | None = token.user
    return Caller(
        token_id=token.pk,
        name=token.name,
        source=f"api:{token.prefix}",
        scopes=frozenset(token.scopes),
        user=person or _integration(token),
        by=person,
    )


def _integration(token: ApiToken) -> User:
    """Somebody to ask guards about: with the role's abilities, and an id that no record has."""
    return User(pk=0, username=token.prefix, first_name=token.name[:150], role=token.role, is_active=True)


def _note_use(token: ApiToken, now: datetime) -> None:
    if token.last_used_at is None or token.last_used_at < now - SEEN_EVERY:
        old = Q(last_used_at=None) | Q(last_used_at__lt=now - SEEN_EVERY)
        ApiToken.objects.filter(old, pk=token.pk).update(last_used_at=now)


def roles_offered() -> list[tuple[str, str]]:
    return [(str(value), str(label)) for value, label in Role.choices]


def _random(length: int) -> str:
    return "".join(secrets.choice(LETTERS) for _ in range(length))


def _digest(words: str) -> bytes:
    return hashlib.sha256(words.encode()).digest()
