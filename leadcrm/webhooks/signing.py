"""Signatures as Standard Webhooks has them, and secrets that nothing keeps.

A subscription's secret follows from its salt and the installation's key: whoever reads the database alone can sign
nothing. It is shown when it is made, and a new one by rotating.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
from collections.abc import Mapping

from django.conf import settings

from leadcrm.webhooks.models import Subscription

PREFIX = "whsec_"


def _key(salt: bytes | memoryview) -> bytes:
    return hmac.digest(settings.SECRET_KEY.encode(), b"leadcrm.webhooks\0" + bytes(salt), hashlib.sha256)


def secret_of(subscription: Subscription) -> str:
    """The secret in the words in which receivers configure it."""
    return PREFIX + base64.b64encode(_key(subscription.salt)).decode()


def headers_of(subscription: Subscription, webhook_id: str, body: bytes, *, at: int, both: bool) -> Mapping[str, str]:
    """The headers of one try at `at` (seconds since 1970); `both`: signed with the secret before as well."""
    salts = [subscription.salt, *([subscription.previous_salt] if both and subscription.previous_salt else [])]
    signed = f"{webhook_id}.{at}.".encode() + body
    signatures = [base64.b64encode(hmac.digest(_key(salt), signed, hashlib.sha256)).decode() for salt in salts]
    return {
        "webhook-id": webhook_id,
        "webhook-timestamp": str(at),
        "webhook-signature": " ".join(f"v1,{signature}" for signature in signatures),
    }
