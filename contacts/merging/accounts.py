"""Two accounts that are one company become one, and two again if that was wrong; each in one transaction.

As with contacts, whatever points to the one that goes is found by looking at the models and moved. By what it was
known, its domain, external id and name, the one that stays is known from then on (`AccountKey`): the next post or
import that names it makes no second one. Order of locks: the two accounts in id order, contacts, leads, then the rest.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from django.db import IntegrityError, connection, transaction
from django.db.models import Q
from django.utils import timezone

from contacts.acting import acting
from contacts.doorbells import facts_changed
from contacts.errors import ChangedMeanwhile
from contacts.merging.errors import CannotMerge, CannotUndoMerge
from contacts.merging.fields import CUSTOM, is_blank, put
from contacts.merging.rehoming import move_rows, name_of, pointing_at
from contacts.merging.service import patiently
from contacts.merging.stragglers import LOOKED_BACK
from contacts.models import Account, AccountKey, AccountPair, Entity, Merge, MergedRows, User
from contacts.outbox import tell
from contacts.services.accounts import EDITABLE
from contacts.services.records import RESTORABLE

NAMES = tuple(name for name in EDITABLE if name != "custom")
OWN = frozenset({"contacts.AccountPair"})
"""What is dealt with here."""


def values_of(account: Account) -> dict[str, Any]:
    """What an account holds by field, as JSON can; custom fields as custom.<key>."""
    return {name: getattr(account, name) for name in NAMES} | {
        f"{CUSTOM}{key}": value for key, value in account.custom.items()
    }


def usually_taken(survivor: Account, gone: Account) -> set[str]:
    """The fields whose value comes from the one that goes: those that the survivor has not filled in."""
    ours, theirs = values_of(survivor), values_of(gone)
    return {name for name, value in theirs.items() if is_blank(ours.get(name)) and not is_blank(value)}


def moved_with_accounts() -> list[Any]:
    """The keys to accounts, of whatever app, by name: contacts before leads, as locks are taken."""
    return sorted((one for one in pointing_at(Account) if one.model._meta.label not in OWN), key=name_of)


def merge_accounts(
    survivor_id: int,
    gone_id: int,
    *,
    take: Collection[str],
    by: User | None,
    versions: tuple[int, int] | None = None,
) -> Merge:
    """Make one account of two: everything of `gone_id` becomes `survivor_id`'s, which takes the fields in `take` from
    it (names of EDITABLE, custom ones as custom.<key>) and keeps its own otherwise.

    Raises ChangedMeanwhile when one is no longer as in `versions` (survivor's, other's), CannotMerge when one is gone,
    naming what it was merged into; then nothing changes.
    """
    if survivor_id == gone_id:
        raise CannotMerge("An account cannot be merged with itself.")
    return patiently(lambda: _merge(survivor_id, gone_id, take, by, versions))


def undo_account_merge(merge_id: int, *, by: User | None) -> Merge:
    """Make two accounts of one again: what the merge moved goes back as far as it is still where the merge put it, and
    so do fields that nobody changed since. What came since stays with the survivor.

    Raises CannotUndoMerge with the reason; then nothing changes.
    """
    return patiently(lambda: _undo(merge_id, by))


def account_merges_to_undo(account: Account) -> list[Any]:
    """What was merged into an account and can be two again, the latest first, each with `until` when. One query."""
    since = timezone.now() - RESTORABLE
    merges = Merge.objects.filter(
        entity=Entity.ACCOUNT, survivor_id=account.pk, undone_at=None, merged_at__gte=since
    ).select_related("merged_by")
    found: list[Any] = list(merges.order_by("-merged_at", "-pk"))
    for merge in found:
        merge.until = merge.merged_at + RESTORABLE
    return found


def what_prevents_undoing(merge: Merge) -> str:
    """Why a merge cannot be undone now, in words that follow a colon; "" when it can, as far as can be seen."""
    if merge.undone_at is not None:
        return "somebody has undone it already"
    if merge.merged_at < timezone.now() - RESTORABLE:
        return "it was more than thirty days ago"
    if not Account.objects.filter(pk=merge.gone_id, deleted_at__isnull=False).exists():
        return "the account that went is no longer kept"
    further = Merge.objects.filter(entity=Entity.ACCOUNT, gone_id=merge.survivor_id, undone_at=None).first()
    if further is not None:
        return f"{further.gone_name} was merged into another account since; undo that first"
    if not Account.objects.alive().filter(pk=merge.survivor_id).exists():
        return "the account it became is deleted; restore that first"
    return ""


def fetch_account_stragglers() -> int:
    """Move what came to point to accounts while they were merged away; for how many there was something."""
    lately = Merge.objects.filter(entity=Entity.ACCOUNT, undone_at=None, merged_at__gte=timezone.now() - LOOKED_BACK)
    gone = list(lately.values_list("gone_id", flat=True))
    found: set[int] = set()
    for field in moved_with_accounts() if gone else ():
        rows = field.model._base_manager.filter(**{f"{field.name}__in": gone}).order_by()
        found.update(rows.values_list(field.attname, flat=True).distinct())
    return sum(_fetch(merge) for merge in lately.filter(gone_id__in=found).order_by("pk"))


def _fetch(merge: Merge) -> bool:
    with transaction.atomic():
        pair = Account.objects.filter(pk__in=[merge.gone_id, merge.survivor_id]).order_by("pk")
        list(pair.select_for_update(no_key=True, of=("self",)))
        if not Merge.objects.filter(pk=merge.pk, undone_at=None).exists():
            return False
        moved = _move_all(merge.gone_id, merge.survivor_id)
        _keep(merge, moved)
        facts_changed()
    return bool(moved)


def _merge(
    survivor_id: int, gone_id: int, take: Collection[str], by: User | None, versions: tuple[int, int] | None
) -> Merge:
    survivor, gone = _locked(survivor_id, gone_id)
    for account in (survivor, gone):
        if account.deleted_at is not None:
            raise _is_gone(account)
    for account, seen in zip((survivor, gone), versions or (), strict=False):
        if account.version != seen:
            raise ChangedMeanwhile("account", account.pk, seen=seen, current=account.version)
    ours, theirs = values_of(survivor), values_of(gone)
    merge = Merge.objects.create(
        entity=Entity.ACCOUNT, survivor_id=survivor_id, gone_id=gone_id, gone_name=str(gone)[:300], merged_by=by
    )
    merge.after = {
        name: theirs.get(name) for name in ours | theirs if name in take and theirs.get(name) != ours.get(name)
    }
    merge.before = {name: ours.get(name) for name in merge.after}
    with acting(by, cause=f"merge:{merge.pk}"):
        moved = _move_all(gone_id, survivor_id)
        gone.deleted_at, gone.deleted_by = timezone.now(), by
        _save(gone, {"deleted_at", "deleted_by"})  # before the other takes its domain, which only one can have
        # No record counts on a version that either of the two ever had.
        survivor.version = max(survivor.version, gone.version)
        _save(survivor, put(survivor, merge.after))
    _know(survivor, _known_by(ours) | _known_by(theirs))
    _remember_dismissals(gone_id, survivor_id)
    merge.save(update_fields=["before", "after"])
    _keep(merge, moved)
    tell("account.merged", [{"account_id": survivor_id, "merged_id": gone_id, "merge_id": merge.pk}])
    facts_changed()
    return merge


def _undo(merge_id: int, by: User | None) -> Merge:
    rows = Merge.objects.select_for_update(no_key=True, of=("self",))
    merge = rows.filter(pk=merge_id, entity=Entity.ACCOUNT).first()
    if merge is None:
        raise CannotUndoMerge("it is no longer known")
    if reason := what_prevents_undoing(merge):
        raise CannotUndoMerge(reason)
    survivor, gone = _locked(merge.survivor_id, merge.gone_id)
    if survivor.deleted_at is not None or gone.deleted_at is None:
        raise CannotUndoMerge("one of the two accounts was deleted or restored in this moment")
    now_held = values_of(survivor)
    back = {name: merge.before.get(name) for name, taken in merge.after.items() if now_held.get(name) == taken}
    moved: dict[str, list[Any]] = {}
    for row in merge.rows.all():
        moved.setdefault(row.what, []).extend(row.ids)
    with acting(by, cause=f"merge:{merge.pk}"):
        _move_all(survivor.pk, gone.pk, only=moved)
        _save(survivor, put(survivor, back))
        gone.deleted_at, gone.deleted_by = None, None
        try:
            with transaction.atomic():
                _save(gone, {"deleted_at", "deleted_by"})
        except IntegrityError:
            raise CannotUndoMerge(_who_has(gone)) from None
    for kind, value in _known_by(values_of(gone)) - _known_by(values_of(survivor)):
        AccountKey.objects.filter(account=survivor, kind=kind, value=value).delete()
    merge.undone_at, merge.undone_by = timezone.now(), by
    merge.save(update_fields=["undone_at", "undone_by"])
    facts_changed()
    return merge


def _locked(survivor_id: int, gone_id: int) -> tuple[Account, Account]:
    """Both, in id order. The one that goes cannot be pointed at meanwhile, so that nothing is left with it."""
    found: dict[int, Account] = {}
    for pk in sorted((survivor_id, gone_id)):
        account = Account.objects.filter(pk=pk).select_for_update(no_key=pk == survivor_id, of=("self",)).first()
        if account is None:
            raise CannotMerge("One of the two accounts does not exist.")
        found[pk] = account
    return found[survivor_id], found[gone_id]


def _is_gone(account: Account) -> CannotMerge:
    """Why a deleted account cannot be merged, with what it became and through whom."""
    merge = Merge.objects.filter(entity=Entity.ACCOUNT, gone_id=account.pk, undone_at=None)
    done = merge.select_related("merged_by").first()
    if done is None:
        return CannotMerge(f"{account} was deleted meanwhile.")
    into = Account.objects.filter(pk=done.survivor_id).first()
    who = f" by {done.merged_by}" if done.merged_by else ""
    return CannotMerge(f"{account} was merged into {into or 'another account'}{who} already.", into_id=done.survivor_id)


def _move_all(source: int, target: int, *, only: dict[str, list[Any]] | None = None) -> dict[str, list[Any]]:
    moved: dict[str, list[Any]] = {}
    for field in moved_with_accounts():
        what = name_of(field)
        if only is None or what in only:
            moved[what] = list(move_rows(field, source, target, only=None if only is None else only[what]))
    return {what: ids for what, ids in moved.items() if ids}


def _keep(merge: Merge, moved: dict[str, list[Any]]) -> None:
    MergedRows.objects.bulk_create(MergedRows(merge=merge, what=what, ids=ids) for what, ids in moved.items())


def _save(account: Account, columns: set[str]) -> None:
    account.version += 1
    account.updated_at = timezone.now()
    named = {name: getattr(account, name) for name in columns | {"version", "updated_at"}}
    Account.objects.filter(pk=account.pk).update(**named)


def _known_by(values: dict[str, Any]) -> set[tuple[str, str]]:
    """By what posts, imports and people may name an account that holds these values."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT upper(%s)", [values.get("name") or ""])  # Python's capitals are others
        (name,) = cursor.fetchone()
    said = {
        AccountKey.Kind.DOMAIN: values.get("domain") or "",
        AccountKey.Kind.EXTERNAL_ID: values.get("external_id") or "",
        AccountKey.Kind.NAME: name,
    }
    return {(str(kind), value) for kind, value in said.items() if value}


def _know(survivor: Account, known: set[tuple[str, str]]) -> None:
    """The survivor is known by all that either was known by; what its own fields say needs no key."""
    further = sorted(known - _known_by(values_of(survivor)))
    AccountKey.objects.bulk_create(
        [AccountKey(account=survivor, kind=kind, value=value) for kind, value in further], ignore_conflicts=True
    )


def _who_has(gone: Account) -> str:
    for name, word in (("domain", "domain"), ("external_id", "external id")):
        value = getattr(gone, name)
        holder = Account.objects.alive().filter(**{name: value}).exclude(pk=gone.pk).first() if value else None
        if holder is not None:
            return f"{holder} has the {word} {value} by now; change that first"
    return "another account has its domain or external id by now"


def _remember_dismissals(gone_id: int, survivor_id: int) -> None:
    """What was said not to be the one that goes is not the one that stays, either."""
    said = AccountPair.objects.exclude(dismissed_at=None).filter(Q(first=gone_id) | Q(second=gone_id))
    others = {pair.second_id if pair.first_id == gone_id else pair.first_id: pair for pair in said}
    AccountPair.objects.bulk_create(
        [
            AccountPair(
                first_id=min(other, survivor_id),
                second_id=max(other, survivor_id),
                likeness=pair.likeness,
                reasons=pair.reasons,
                dismissed_at=pair.dismissed_at,
                dismissed_by_id=pair.dismissed_by_id,
            )
            for other, pair in others.items()
            if other != survivor_id
        ],
        ignore_conflicts=True,
    )
