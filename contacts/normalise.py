"""What two people typed, made comparable. Every function is pure, idempotent, and gives "" for what says nothing.

Stored columns keep what was typed; these forms are for keys and comparisons only.
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache
from urllib.parse import urlsplit

import phonenumbers
from django.conf import settings
from email_validator import EmailNotValidError, validate_email

from leadcrm.lib.domains import ascii_of, unicode_of

# An address without surprises: no special-use name, no hyphen in its domain (xn--), no part that is too long.
PLAIN_ADDRESS = re.compile(
    r"(?=[^@]{1,64}@)[a-z0-9_+-]+(?:\.[a-z0-9_+-]+)*"
    r"@(?:[a-z0-9]{1,63}\.)+(?!(?:arpa|invalid|local|localhost|onion|test)$)[a-z]{2,63}"
)
# A number that names its country, and nothing but digits behind it.
PLAIN_NUMBER = re.compile(r"\+[1-9][0-9]{6,14}")
# Batches normalise the same text several times on its way (check, match, store).
REMEMBERED = 8192


def plain(text: str) -> str:
    """Compatibility characters unified, runs of white space and control characters made one space, trimmed."""
    if text.isascii() and text.isprintable():
        return " ".join(text.split())
    unified = unicodedata.normalize("NFKC", text)
    cleaned = "".join(" " if unicodedata.category(mark) == "Cc" else mark for mark in unified)
    return " ".join(cleaned.split())


def email(text: str) -> str:
    """The whole address in lower case, its domain in Unicode; "" when it is no address. Asks no network."""
    # Most addresses are this plain: seeing it is a third of remembering them, and a hundredth of asking the library.
    return text if len(text) <= 254 and PLAIN_ADDRESS.fullmatch(text) else _email(text)


@lru_cache(REMEMBERED)
def _email(text: str) -> str:
    candidate = plain(text)
    lowered = candidate.lower()
    if candidate.isascii() and len(lowered) <= 254 and PLAIN_ADDRESS.fullmatch(lowered):
        return lowered
    try:
        checked = validate_email(candidate, check_deliverability=False, test_environment=True)
    except EmailNotValidError:
        return ""
    return checked.normalized.lower()


def phone(text: str, region: str = "") -> str:
    """E.164, such as +4930123456; "" when it cannot be a number.

    `region` (two letters; the workspace's when not given) is assumed for numbers without a country.
    """
    # Most numbers of a file are this plain, and asking the library or remembering them takes longer than to see it.
    if PLAIN_NUMBER.fullmatch(text) and _stands(text):
        return text
    return _phone(text, region or settings.PHONE_REGION)


@lru_cache(REMEMBERED)
def _phone(text: str, region: str) -> str:
    try:
        number = phonenumbers.parse(plain(text), region)
    except phonenumbers.NumberParseException:
        return ""
    if phonenumbers.is_possible_number_with_reason(number) != phonenumbers.ValidationResult.IS_POSSIBLE:
        return ""
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


def _stands(number: str) -> bool:
    """Whether the library would leave a plain number as it is, which it takes ten times as long to say: it has a
    possible length, and nothing in front that is dialled only within its country.
    """
    for width in (1, 2, 3):
        if found := _country(int(number[1 : width + 1])):
            lengths, dialled_within = found
            rest = number[width + 1 :]
            return len(rest) in lengths and not (dialled_within and dialled_within.match(rest))
    return False


@lru_cache(1000)
def _country(calling_code: int) -> tuple[frozenset[int], re.Pattern[str] | None] | None:
    """How many digits may follow a calling code, and what is taken off their front; None for a code that is none."""
    region = phonenumbers.region_code_for_country_code(calling_code)
    about = phonenumbers.PhoneMetadata.metadata_for_region_or_calling_code(calling_code, region)
    if about is None or about.general_desc is None:
        return None
    prefix = about.national_prefix_for_parsing
    return frozenset(about.general_desc.possible_length), re.compile(prefix) if prefix else None


def name_key(text: str) -> str:
    """A name as it is compared: without case and superfluous space. Accents stay; they tell people apart."""
    return plain(text).casefold()


def external_id(text: str) -> str:
    """Another system's name for a record; its case may matter there, so it stays."""
    return plain(text)


def domain(text: str) -> str:
    """A web domain: lower case, in Unicode as those of e-mail addresses are, without scheme, "www.", port and path; ""
    when it has no dot.
    """
    typed = plain(text).lower()
    try:
        host = urlsplit(typed if "//" in typed else f"//{typed}").hostname or ""
    except ValueError:
        return ""
    host = unicode_of(ascii_of(host)).lower().removeprefix("www.").rstrip(".")
    return host if re.fullmatch(r"[^\s@/]+\.[^\s@/.]{2,}", host) and len(host) <= 253 else ""
