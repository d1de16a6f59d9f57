"""Secrets of other systems that must be used again: kept encrypted, readable with this installation's key only.

Fernet (AES-128-CBC with HMAC-SHA256) under keys that follow from SECRET_KEY and its fallbacks; `purpose` keeps what one
part of the system sealed from being read by another.
"""

from __future__ import annotations

import base64

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings


class Unreadable(ValueError):
    """What was sealed cannot be read: the installation's key is another one now, or the bytes were changed."""


def seal(text: str, *, purpose: str) -> bytes:
    """`text`, encrypted."""
    return _keys(purpose).encrypt(text.encode())


def unseal(sealed: bytes | memoryview, *, purpose: str) -> str:
    """What was sealed for this purpose. Raises Unreadable."""
    try:
        return _keys(purpose).decrypt(bytes(sealed)).decode()
    except InvalidToken as error:
        raise Unreadable from error


def _keys(purpose: str) -> MultiFernet:
    return MultiFernet([_key(str(secret), purpose) for secret in (settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS)])


def _key(secret: str, purpose: str) -> Fernet:
    derived = HKDF(SHA256(), length=32, salt=None, info=f"leadcrm.sealed.{purpose}".encode()).derive(secret.encode())
    return Fernet(base64.urlsafe_b64encode(derived))
