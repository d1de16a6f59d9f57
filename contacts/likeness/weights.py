"""What makes two contacts alike, and how much each counts. The page that lists pairs shows this table."""

from __future__ import annotations

from collections.abc import Iterable

from contacts.models import Likeness

WEIGHTS: dict[Likeness, int] = {
    Likeness.PHONE: 40,
    Likeness.NAME: 40,
    Likeness.SWAPPED: 35,
    Likeness.SIMILAR_NAME: 25,
    Likeness.MAILBOX: 30,
    Likeness.ACCOUNT: 20,
    Likeness.DOMAIN: 15,
    Likeness.CITY: 10,
    Likeness.STRATEGY: 60,
}
PERSONAL = (Likeness.NAME, Likeness.SWAPPED, Likeness.SIMILAR_NAME, Likeness.MAILBOX)
"""One of these there must be between two who both have names."""
ENOUGH = 45
"""From here on two are shown as a pair: two reasons at least."""
STRONG = 70
MOST_OF_ONE = 20
"""A name, a phone number or a mailbox that more share says nothing about any two of them."""
MOST_PAIRS = 10
"""The likeliest of a contact with later ones; there are hardly ever more but by mistake."""
COLLEAGUES = 200
"""In an account with more contacts, a name is compared with those of so many."""
ALIKE = 0.5
"""Trigram likeness, 0 to 1, from which on names count as similar."""
MAILBOX_ALIKE = 0.6


def likeness_of(reasons: Iterable[str]) -> int:
    """How alike two are, 1 to 100, by all the reasons together."""
    return min(100, sum(WEIGHTS[Likeness(reason)] for reason in reasons))
