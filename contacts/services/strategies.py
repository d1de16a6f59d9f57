"""Ways to tell who is who: adding one gives every contact its keys."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from datetime import timedelta
from itertools import count
from typing import Any, TypeVar, cast

from django.db import transaction
from django.db.models import QuerySet
from django.db.models.functions import Now
from django.utils import timezone

from contacts import match_keys, normalise
from contacts.errors import ChangedMeanwhile, InvalidStrategy, InvalidValues, RecordGone
from contacts.likeness.suggested import FUZZY, SURE
from contacts.merging.rehoming import pointing_at
from contacts.models import Contact, ContactMatchingStrategy, MatchingStrategy, User

S = TypeVar("S", bound=MatchingStrategy)

CHUNK = 2000
SETTLED = timedelta(seconds=10)
"""Transactions that began before a strategy was there do not know it; after this long they have ended."""


def create_strategy(*, name: str, attributes: list[str]) -> ContactMatchingStrategy:
    """A new matching strategy, with its keys for all contacts at once. Raises InvalidStrategy.

    For programs; people make one in the admin, and the keys follow in the background (`backfill_some`).
    """
    kind = match_keys.kind_of(attributes)
    if not kind or len(kind) != len(attributes):
        raise InvalidStrategy(attributes, match_keys.ATTRIBUTES)
    strategy = ContactMatchingStrategy.objects.create(name=name, attributes=list(kind))
    while backfill_chunk(ContactMatchingStrategy, claim_chunk, settled=timedelta()):
        pass
    return strategy


def save_strategy(
    model: type[S],
    strategy_id: int | None,
    *,
    version: int = 0,
    name: str,
    attributes: Sequence[str],
    fuzzy: Sequence[str] = (),
    by: User | None,
) -> S:
    """Make a strategy (no `strategy_id`), or change one of which somebody saw `version`.

    What it is about decides which keys there are: changed, all records get theirs anew, in the background. Raises
    InvalidValues naming fields, ChangedMeanwhile, RecordGone.
    """
    name = normalise.plain(name)[:100]
    kept = {"name": name, "attributes": list(attributes)}
    if model is ContactMatchingStrategy:
        kept["fuzzy"] = list(fuzzy)
    _must_hold(model, kept, strategy_id)
    with transaction.atomic():
        strategy: Any = model() if strategy_id is None else locked_strategy(model, strategy_id)
        if strategy_id is not None and strategy.version != version:
            raise ChangedMeanwhile("matching strategy", strategy_id, seen=version, current=strategy.version)
        anew = strategy_id is None or any(getattr(strategy, field) != kept[field] for field in kept if field != "name")
        for field, value in kept.items():
            setattr(strategy, field, value)
        strategy.version = 1 if strategy_id is None else strategy.version + 1
        strategy.saved_by = by
        if anew:
            strategy.created_at, strategy.backfilled_to, strategy.backfilled_at = timezone.now(), 0, None
        strategy.save()
    return cast("S", strategy)


def copy_strategy(model: type[S], strategy_id: int, *, by: User | None) -> S:
    """A second one like it, under a name that is free. Raises RecordGone."""
    one: Any = locked_strategy(model, strategy_id, lock=False)
    taken = set(_rows(model).values_list("name", flat=True))
    endings = (f" (copy{f' {number}' if number > 1 else ''})" for number in count(1))
    name = next(name for ending in endings if (name := f"{one.name[:85]}{ending}") not in taken)
    fuzzy = getattr(one, "fuzzy", ())
    return save_strategy(model, None, name=name, attributes=one.attributes, fuzzy=fuzzy, by=by)


def retire_strategy(
    model: type[MatchingStrategy],
    strategy_id: int,
    *,
    by: User | None,
    users: Callable[[type[MatchingStrategy], Sequence[int]], Mapping[int, list[Any]]] | None = None,
) -> None:
    """Offer it no more, and make no more keys for it. Raises InvalidValues while something uses it, RecordGone.

    `users` says what uses strategies, by id, to whoever knows more than `users_by_strategy`.
    """
    with transaction.atomic():
        strategy: Any = locked_strategy(model, strategy_id)
        if strategy.is_default:
            raise InvalidValues({"strategy": "It is the default; make another one the default first."})
        if used := (users or users_by_strategy)(model, [strategy_id]).get(strategy_id):
            words = ", ".join(str(one) for one in used[:5])
            raise InvalidValues(
                {"strategy": f"It is used by {words}; give {'it' if len(used) == 1 else 'them'} another first."}
            )
        _write(strategy, by, retired_at=timezone.now())


def bring_back_strategy(model: type[MatchingStrategy], strategy_id: int, *, by: User | None) -> None:
    """Offer it again; whoever came meanwhile gets its keys in the background. Raises RecordGone."""
    with transaction.atomic():
        strategy: Any = locked_strategy(model, strategy_id)
        if strategy.retired_at is not None:
            anew = {"created_at": timezone.now(), "backfilled_to": 0, "backfilled_at": None}
            _write(strategy, by, retired_at=None, **anew)


def make_default(model: type[MatchingStrategy], strategy_id: int, *, by: User | None) -> None:
    """Let everything that names no strategy go by this one. Raises InvalidValues for a retired one, or one that only
    suggests; RecordGone.
    """
    with transaction.atomic():
        # All of them in one order, so that two who choose at once choose one after the other.
        list(model._default_manager.order_by("pk").select_for_update(no_key=True, of=("self",)))
        strategy: Any = locked_strategy(model, strategy_id)
        if strategy.retired_at is not None:
            raise InvalidValues({"strategy": "It is retired; bring it back first."})
        if getattr(strategy, "fuzzy", None):
            raise InvalidValues({"strategy": "It only suggests; the default must decide."})
        _rows(model).filter(is_default=True).exclude(pk=strategy_id).update(is_default=False)
        _write(strategy, by, is_default=True)


def users_by_strategy(model: type[MatchingStrategy], ids: Sequence[int]) -> dict[int, list[Any]]:
    """Whatever names each of these strategies, of whatever app: forms; a query for each kind of records that can."""
    found: dict[int, list[Any]] = {}
    for field in pointing_at(model):
        for one in field.model._base_manager.filter(**{f"{field.name}__in": list(ids)}).order_by("pk"):
            found.setdefault(getattr(one, field.attname), []).append(one)
    return found


def locked_strategy(model: type[S], strategy_id: int, *, lock: bool = True) -> S:
    """The strategy; locked, it is as it is until the transaction ends. Raises RecordGone."""
    rows = model._default_manager.filter(pk=strategy_id)
    found: S | None = (rows.select_for_update(no_key=True, of=("self",)) if lock else rows).first()
    if found is None:
        raise RecordGone("matching strategy", strategy_id)
    return found


def _rows(model: type[MatchingStrategy]) -> QuerySet[Any]:
    """All strategies of a kind; each kind has a name and a default of its own."""
    rows: QuerySet[Any] = model._default_manager.all()
    return rows


def _write(strategy: Any, by: User | None, **values: Any) -> None:
    for name, value in values.items():
        setattr(strategy, name, value)
    strategy.version, strategy.saved_by = strategy.version + 1, by
    strategy.save(update_fields=[*values, "version", "saved_by"])


def _must_hold(model: type[MatchingStrategy], kept: Mapping[str, Any], strategy_id: int | None) -> None:
    errors = {}
    if not kept["name"]:
        errors["name"] = "Give it a name."
    elif _rows(model).filter(name=kept["name"]).exclude(pk=strategy_id).exists():
        errors["name"] = "There is a strategy of this name already."
    if model is ContactMatchingStrategy:
        errors |= _problems_of_contact(kept["attributes"], kept["fuzzy"])
    if errors:
        raise InvalidValues(errors)


def _problems_of_contact(attributes: Sequence[str], fuzzy: Sequence[str]) -> dict[str, str]:
    about = [match_keys.attribute_of(name) for name in attributes]
    if not attributes or list(match_keys.kind_of(attributes)) != list(attributes) or len(set(about)) != len(about):
        return {"attributes": "Choose at least one thing that must be the same, each in one way."}
    if set(fuzzy) - set(FUZZY) or set(fuzzy) & set(about):
        return {"attributes": "What must be the same cannot be alike only."}
    if fuzzy and not set(about) & set(SURE):
        return {"attributes": "Beside what is alike, the phone number or the last name must be the same."}
    return {}


def backfill_some(
    strategies: type[MatchingStrategy], claim: Callable[[list[str], int], int | None], *, seconds: float
) -> bool:
    """Make keys for about that long; whether some are left to be made."""
    end = time.monotonic() + seconds
    while backfill_chunk(strategies, claim):
        if time.monotonic() > end:
            return True
    return False


def backfill_chunk(
    strategies: type[MatchingStrategy],
    claim: Callable[[list[str], int], int | None],
    *,
    settled: timedelta = SETTLED,
) -> bool:
    """One chunk, in one transaction, for the first strategy that waits and nobody works on; False when none does.

    `claim` takes the strategy's attributes and an id, makes keys for a chunk of rows behind that id, the oldest
    first, and gives the last one's id, or None when there was none. The next call goes on behind it.
    """
    with transaction.atomic():
        waiting = strategies._default_manager.filter(
            backfilled_at=None, retired_at=None, created_at__lte=Now() - settled
        )
        strategy: Any = waiting.order_by("pk").select_for_update(skip_locked=True, no_key=True).first()
        if strategy is None:
            return False
        # One that only suggests needs no keys.
        last = None if getattr(strategy, "fuzzy", None) else claim(strategy.attributes, strategy.backfilled_to)
        if last is None:
            strategy.backfilled_at = timezone.now()
        else:
            strategy.backfilled_to = last
        strategy.save(update_fields=["backfilled_to", "backfilled_at"])
    return True


def claim_chunk(attributes: list[str], after: int) -> int | None:
    """Claim the keys that these attributes make for some living contacts behind an id; the last one's id."""
    kinds = [match_keys.kind_of(attributes)]
    contacts = Contact.objects.alive().order_by("pk").only(*match_keys.ATTRIBUTES)
    seen = {
        row.pk: match_keys.keys_of(match_keys.values_of(row), kinds) for row in contacts.filter(pk__gt=after)[:CHUNK]
    }
    match_keys.claim([(*key, pk) for pk, keys in seen.items() for key in keys])
    # Who was edited or deleted since they were read could not give up what they did not have yet.
    now = {row.pk: row for row in contacts.filter(pk__in=seen).select_for_update(no_key=True)}
    for pk, keys in seen.items():
        values = match_keys.values_of(now[pk]) if pk in now else {}
        if keys != match_keys.keys_of(values, kinds):
            match_keys.keep_only(pk, match_keys.keys_of(values, match_keys.kinds_in_use()))
    return max(seen, default=None)
