"""Domains as people read them and as the network does: "bücher.example" is "xn--bcher-kva.example" there.

Letters of several alphabets look alike, so that what somebody reads need not be where mail goes.
"""

from __future__ import annotations

import unicodedata

import idna

_ALIKE = frozenset({"LATIN", "GREEK", "CYRILLIC", "ARMENIAN", "CHEROKEE", "COPTIC"})
"""Alphabets with letters that look like those of another of them."""
_TOGETHER = {"CJK": "EAST ASIAN", "HIRAGANA": "EAST ASIAN", "KATAKANA": "EAST ASIAN", "HANGUL": "EAST ASIAN"}
"""Scripts that one language writes side by side."""


def ascii_of(domain: str) -> str:
    """The domain as the network has it, in lower case, to be compared; as it is where it cannot be one."""
    if domain.isascii():
        return domain.lower()
    try:
        return idna.encode(domain, uts46=True).decode()
    except UnicodeError:
        return domain.lower()


def unicode_of(domain: str) -> str:
    """The domain as people read it, as normalised e-mail addresses have it; as it is where it cannot be one."""
    if "xn--" not in domain:
        return domain
    try:
        return idna.decode(domain, uts46=True)
    except UnicodeError:
        return domain


def disguised(address: str) -> str:
    """The domain of an e-mail address as the network has it, if people may take it for another: where one of its parts
    is written in several alphabets, or the whole in several that look alike. Otherwise "".
    """
    domain = address.rpartition("@")[2]
    if domain.isascii():
        return ""
    several = any(len(_scripts(label)) > 1 for label in domain.split(".")) or len(_scripts(domain) & _ALIKE) > 1
    plain = ascii_of(domain)
    return plain if several and plain.isascii() else ""


def _scripts(text: str) -> set[str]:
    first = (unicodedata.name(letter, "").partition(" ")[0] for letter in text if letter.isalpha())
    return {_TOGETHER.get(script, script) for script in first if script}
