"""How many there must be: "at_least", "at_most", "exactly" or "none", and what that means in SQL and in words."""

from __future__ import annotations

from django.db.models import Exists, Q, QuerySet

from leads.conditions.errors import refuse
from leads.conditions.values import Path, flag, whole

MOST_TIMES = 1000
KEYS = frozenset({"at_least", "at_most", "exactly", "none"})


def parsed_count(tree: dict, path: Path) -> tuple[int, int | None]:
    """The least and the most that may be there; without a word about it at least one, and any number."""
    said = [key for key in ("none", "exactly") if key in tree]
    if "none" in tree and not flag(tree["none"], (*path, "none")):
        said.remove("none")
    for key in said:
        for other in sorted(KEYS & tree.keys() - {key}):
            if not (other == "none" and tree["none"] is False):
                refuse((*path, other), f"{other} beside {key}", "one of the two")
    if "none" in said:
        return 0, 0
    if "exactly" in said:
        number = whole(tree["exactly"], (*path, "exactly"), MOST_TIMES)
        return number, number
    most = whole(tree["at_most"], (*path, "at_most"), MOST_TIMES) if "at_most" in tree else None
    least = whole(tree["at_least"], (*path, "at_least"), MOST_TIMES) if "at_least" in tree else int(most is None)
    if most is not None and least > most:
        refuse((*path, "at_most"), f"at most {most}, but at least {least}", f"a whole number from {least}")
    return least, most


def as_many(rows: QuerySet, least: int, most: int | None) -> Q:
    """That there are as many. There are n when there is an n-th: counting stops there."""
    test = Q()
    if least:
        test &= Q(Exists(_from(rows, least)))
    if most is not None:
        test &= ~Q(Exists(_from(rows, most + 1)))
    return test


def _from(rows: QuerySet, number: int) -> QuerySet:
    return rows.order_by()[number - 1 : number] if number > 1 else rows


def how_often(least: int, most: int | None) -> str:
    """Such as "at least 3 times"; "" for any number but none."""
    if most is None:
        return f"at least {_times(least)}" if least > 1 else ""
    if least == most:
        return f"exactly {_times(most)}"
    return f"{least} to {most} times" if least else f"at most {_times(most)}"


def how_many(least: int, most: int | None, one: str, several: str) -> str:
    """Such as "is a contact", "are at least 3 contacts"."""
    if most == 0:
        return f"is no {one}"
    if most is None and least == 1:
        return f"is {'an' if one[:1] in 'aeiou' else 'a'} {one}"
    if most is None:
        return f"are at least {least} {several}"
    noun = one if most == 1 else several
    how = f"exactly {most}" if least == most else f"{least} to {most}" if least else f"at most {most}"
    return f"{'is' if most == 1 else 'are'} {how} {noun}"


def _times(number: int) -> str:
    return "once" if number == 1 else f"{number} times"
