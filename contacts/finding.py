"""Finding a contact by what names nobody else: a phone number or another system's id, however they are typed."""

from __future__ import annotations

import re

from django.db.models import Q

from contacts import normalise
from contacts.models import MatchKey

LOOKS_LIKE_A_PHONE = re.compile(r"[+(]?(?:[\s()./-]*\d){5,20}[\s()./-]*")


def phone_in(words: str) -> str:
    """The number, as it is stored (E.164), when `words` are a phone number of five digits or more; else ""."""
    return normalise.phone(words) if LOOKS_LIKE_A_PHONE.fullmatch(words.strip()) else ""


def exactly(words: str) -> Q:
    """Contacts with this phone number or external id; one query, for ids: an OR of two tables has no index."""
    named = MatchKey.objects.filter(kind="external_id", value=normalise.external_id(words))
    found = Q(pk__in=list(named.values_list("contact", flat=True)))
    phone = phone_in(words)
    return found | Q(phone_e164=phone) if phone else found
