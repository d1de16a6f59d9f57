"""What a page counts as: the first rule that it meets. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache

from forms_intake.models import PageMatch
from forms_intake.patterns import BadPattern, compiled
from forms_intake.spec.shape import ContextSpec


@dataclass(frozen=True)
class RuleSpec:
    """A page rule as workers use it. `context` is its own or its website's."""

    id: int
    name: str
    match: str
    pattern: str
    host: str
    context: ContextSpec


def first_met(rules: Iterable[RuleSpec], host: str, path: str) -> RuleSpec | None:
    """The first of the rules, in their order, that the page meets."""
    return next((rule for rule in rules if meets(rule, host, path)), None)


def meets(rule: RuleSpec, host: str, path: str) -> bool:
    """Whether a page is what the rule says. Capitals and a slash at the end make no difference."""
    if rule.host and rule.host.lower() != host.lower():
        return False
    if rule.match == PageMatch.HOST:
        return bool(rule.host)
    said, here = rule.pattern.casefold(), path.casefold()
    if rule.match == PageMatch.EXACT:
        return _plain(said) == _plain(here)
    if rule.match == PageMatch.PREFIX:
        return (here if here.endswith("/") else f"{here}/").startswith(said)
    return _is_like(said, here)


def _plain(path: str) -> str:
    return path.rstrip("/") or "/"


def _is_like(glob: str, path: str) -> bool:
    try:
        pattern = compiled(_pattern(glob))
    except BadPattern:
        return False
    return any(pattern.fullmatch(one) is not None for one in (path, _plain(path), f"{_plain(path)}/"))


@lru_cache(maxsize=1000)
def _pattern(glob: str) -> str:
    """The expression of RE2 for a text with stars, whose time grows with the path and no faster."""
    return "(?s)" + ".*".join(re.escape(part) for part in re.split(r"\*+", glob))
