"""Merging two contacts, and undoing that, each in one transaction."""

from __future__ import annotations

from collections.abc import Callable, Collection
from typing import Any, TypeVar

from django.db import OperationalError, transaction
from django.utils import timezone

from contacts import match_keys, normalise
from contacts.acting import acting
from contacts.doorbells import facts_changed
from contacts.errors import ChangedMeanwhile
from contacts.match_keys import IDENTITIES
from contacts.merging.consent import level_together
from contacts.merging.errors import CannotMerge, CannotUndoMerge
from contacts.merging.fields import changes_of, put, values_of, with_stricter
from contacts.merging.rehoming import move_all
from contacts.models import (
    Account,
    Consent,
    Contact,
    DuplicatePair,
    Entity,
    LaterChange,
    MatchKey,
    Merge,
    MergedRows,
    User,
)
from contacts.outbox import tell
from contacts.services.consents import take_back_as_well
from contacts.services.records import RESTORABLE

PATIENCE = 4
"""How often a merge is tried again after a deadlock with another writer."""
CONSENT = "consent_level"
CONSENTS = "contacts.Consent.contact"
KEYS = "contacts.MatchKey.contact"
T = TypeVar("T")


def merge_contacts(
    survivor_id: int,
    gone_id: int,
    *,
    take: Collection[str],
    by: User | None,
    versions: tuple[int, int] | None = None,
) -> Merge:
    """Make one contact of two: everything of `gone_id` becomes `survivor_id`'s, which takes the fields in `take` from
    it (names of EDITABLE, custom ones as custom.<key>) and keeps its own otherwise.

    The stricter consent holds. Who was known by the other's e-mail, external id or any other match key is found as the
    survivor from now on. Raises ChangedMeanwhile when one is no longer as in `versions` (survivor's, other's),
    CannotMerge when one is gone, naming whom it was merged into; then nothing changes.
    """
    if survivor_id == gone_id:
        raise CannotMerge("A contact cannot be merged with itself.")
    return patiently(lambda: _merge(survivor_id, gone_id, take, by, versions))


def undo_merge(merge_id: int, *, by: User | None) -> Merge:
    """Make two contacts of one again: what the merge moved goes back as far as it is still where the merge put it, and
    so do fields that nobody changed since. What came since stays with the survivor.

    Raises CannotUndoMerge with the reason; then nothing changes.
    """
    return patiently(lambda: _undo(merge_id, by))


def what_prevents_undoing(merge: Merge) -> str:
    """Why a merge cannot be undone now, in words that follow a colon; "" when it can, as far as can be seen."""
    if merge.undone_at is not None:
        return "somebody has undone it already"
    if merge.merged_at < timezone.now() - RESTORABLE:
        return "it was more than thirty days ago"
    if not Contact.objects.filter(pk=merge.gone_id, deleted_at__isnull=False).exists():
        return "the contact that went is no longer kept"
    further = Merge.objects.filter(entity=Entity.CONTACT, gone_id=merge.survivor_id, undone_at=None).first()
    if further is not None:
        return f"{further.gone_name} was merged into another contact since; undo that first"
    if not Contact.objects.alive().filter(pk=merge.survivor_id).exists():
        return "the contact it became is deleted; restore that first"
    return ""


def patiently(work: Callable[[], T]) -> T:
    """Do it in one transaction, again after a deadlock: nothing is wrong then, and trying again helps."""
    for tries in range(PATIENCE):
        try:
            with transaction.atomic():
                return work()
        except OperationalError as error:
            is_collision = getattr(error.__cause__, "pgcode", None) in ("40P01", "40001")
            if not is_collision or tries + 1 == PATIENCE:
                raise
    raise AssertionError("not reached")


def _merge(
    survivor_id: int, gone_id: int, take: Collection[str], by: User | None, versions: tuple[int, int] | None
) -> Merge:
    survivor, gone = _locked(survivor_id, gone_id)
    for contact in (survivor, gone):
        if contact.deleted_at is not None:
            raise _is_gone(contact)
    for contact, seen in zip((survivor, gone), versions or (), strict=False):
        if contact.version != seen:
            raise ChangedMeanwhile("contact", contact.pk, seen=seen, current=contact.version)
    ours = values_of(survivor) | {CONSENT: survivor.consent_level}
    after = changes_of(survivor, gone, with_stricter(survivor, gone, take)) | {CONSENT: level_together(survivor, gone)}
    merge = Merge.objects.create(
        entity=Entity.CONTACT, survivor_id=survivor_id, gone_id=gone_id, gone_name=str(gone)[:300], merged_by=by
    )
    merge.after = {name: value for name, value in after.items() if ours.get(name) != value}
    merge.before = {name: ours.get(name) for name in merge.after}
    with acting(by, cause=f"merge:{merge.pk}"):
        moved = move_all(source=gone_id, target=survivor_id)
        moved |= _move_keys(gone_id, survivor_id)
        _leave(gone, by)
        # No record counts on a version that either of the two ever had.
        survivor.version = max(survivor.version, gone.version)
        _write(survivor, merge.after)
    _sort_keys(survivor)
    LaterChange.objects.filter(contact_id=gone_id).update(contact_id=survivor_id)
    _remember_dismissals(gone_id, survivor_id)
    merge.save(update_fields=["before", "after"])
    MergedRows.objects.bulk_create(MergedRows(merge=merge, what=what, ids=list(ids)) for what, ids in moved.items())
    tell("contact.merged", [{"contact_id": survivor_id, "merged_id": gone_id, "merge_id": merge.pk}])
    facts_changed()
    return merge


def _undo(merge_id: int, by: User | None) -> Merge:
    merge = Merge.objects.select_for_update(no_key=True, of=("self",)).filter(pk=merge_id).first()
    if merge is None:
        raise CannotUndoMerge("it is no longer known")
    if reason := what_prevents_undoing(merge):
        raise CannotUndoMerge(reason)
    survivor, gone = _locked(merge.survivor_id, merge.gone_id)
    if survivor.deleted_at is not None or gone.deleted_at is None:
        raise CannotUndoMerge("one of the two contacts was deleted or restored in this moment")
    withdrawn = _withdrawn_since(merge)
    now_held = values_of(survivor) | {CONSENT: survivor.consent_level}
    back = {name: merge.before.get(name) for name, put in merge.after.items() if now_held.get(name) == put}
    if CONSENT in back:
        back[CONSENT] = min([back[CONSENT], *(one.level for one in withdrawn)])
    if back.get("account_id") and not Account.objects.filter(pk=back["account_id"]).exists():
        back["account_id"] = None
    rows: dict[str, list[Any]] = {}
    for row in merge.rows.all():
        rows.setdefault(row.what, []).extend(row.ids)
    with acting(by, cause=f"merge:{merge.pk}"):
        move_all(source=survivor.pk, target=gone.pk, only={what: ids for what, ids in rows.items() if what != KEYS})
        MatchKey.objects.filter(contact=survivor.pk, pk__in=rows.get(KEYS, [])).update(contact=gone.pk)
        gone.deleted_at, gone.deleted_by = None, None
        _save(gone, {"deleted_at", "deleted_by"})
        take_back_as_well(gone.pk, _said_as_one(merge, withdrawn))
        _write(survivor, back)
    _must_be_two(survivor, gone)
    _sort_keys(survivor)
    _sort_keys(gone)
    merge.undone_at, merge.undone_by = timezone.now(), by
    merge.save(update_fields=["undone_at", "undone_by"])
    facts_changed()
    return merge


def _withdrawn_since(merge: Merge) -> list[Consent]:
    """What was taken back since two became one, by whichever of them: no undoing brings it back, for neither."""
    withdrawn = Consent.objects.filter(contact=merge.survivor_id, given=False, recorded_at__gt=merge.merged_at)
    return list(withdrawn.order_by("recorded_at", "pk"))


def _said_as_one(merge: Merge, statements: list[Consent]) -> list[Consent]:
    """Those of the survivor's statements that are the other one's too. What came with a later merge is not: somebody
    else said that, elsewhere, and it is no proof of anything about the one who comes back.
    """
    later = Merge.objects.filter(
        entity=Entity.CONTACT, survivor_id=merge.survivor_id, merged_at__gt=merge.merged_at, undone_at=None
    )
    brought = MergedRows.objects.filter(merge__in=later, what=CONSENTS).values_list("ids", flat=True)
    others = {pk for ids in brought for pk in ids}
    return [one for one in statements if one.pk not in others]


def _locked(survivor_id: int, gone_id: int) -> tuple[Contact, Contact]:
    """Both, in id order. The one that goes cannot be pointed at meanwhile, so that nothing is left with it."""
    found: dict[int, Contact] = {}
    for pk in sorted((survivor_id, gone_id)):
        rows = Contact.objects.filter(pk=pk).select_for_update(no_key=pk == survivor_id, of=("self",))
        contact = rows.first()
        if contact is None:
            raise CannotMerge("One of the two contacts does not exist.")
        found[pk] = contact
    return found[survivor_id], found[gone_id]


def _is_gone(contact: Contact) -> CannotMerge:
    """Why a deleted contact cannot be merged, with whom it became and through whom."""
    merge = Merge.objects.filter(entity=Entity.CONTACT, gone_id=contact.pk, undone_at=None)
    done = merge.select_related("merged_by").first()
    if done is None:
        return CannotMerge(f"{contact} was deleted meanwhile.")
    into = Contact.objects.filter(pk=done.survivor_id).first()
    who = f" by {done.merged_by}" if done.merged_by else ""
    return CannotMerge(f"{contact} was merged into {into or 'another contact'}{who} already.", into_id=done.survivor_id)


def _leave(gone: Contact, by: User | None) -> None:
    gone.deleted_at, gone.deleted_by = timezone.now(), by
    _save(gone, {"deleted_at", "deleted_by"})


def _write(contact: Contact, values: dict[str, Any]) -> None:
    columns = put(contact, values)
    if "phone" in columns:
        contact.phone_e164 = normalise.phone(contact.phone)
        columns.add("phone_e164")
    _save(contact, columns)


def _save(contact: Contact, columns: set[str]) -> None:
    contact.version += 1
    contact.updated_at = timezone.now()
    named = {name: getattr(contact, name) for name in columns | {"version", "updated_at"}}
    Contact.objects.filter(pk=contact.pk).update(**named)


def _move_keys(source: int, target: int) -> dict[str, list[int]]:
    keys = MatchKey.objects.filter(contact=source)
    ids = list(keys.order_by("kind", "value").select_for_update(no_key=True).values_list("pk", flat=True))
    MatchKey.objects.filter(pk__in=ids).update(contact=target)
    return {KEYS: ids}


def _sort_keys(contact: Contact) -> None:
    """Take the keys that a contact's own fields say, and tell them from those that came with somebody else."""
    own = match_keys.keys_of(match_keys.values_of(contact), match_keys.kinds_in_use())
    match_keys.claim([(*key, contact.pk) for key in own])
    held = MatchKey.objects.filter(contact=contact.pk)
    inherited = [key.pk for key in held if (key.kind, key.value) not in own]
    held.filter(pk__in=inherited).update(inherited=True)
    held.exclude(pk__in=inherited).update(inherited=False)


def _must_be_two(survivor: Contact, gone: Contact) -> None:
    """No two contacts are known by one identity: the one that comes back has its own again, and nobody else has it."""
    theirs = match_keys.keys_of(match_keys.values_of(gone), IDENTITIES)
    ours = match_keys.keys_of(match_keys.values_of(survivor), IDENTITIES)
    owners = match_keys.claim([(*key, gone.pk) for key in theirs])
    for key in theirs:
        if key in ours or owners[key] != gone.pk:
            owner = survivor if key in ours else Contact.objects.filter(pk=owners[key]).first()
            word = {"email": "e-mail address", "external_id": "external id"}[key[0]]
            raise CannotUndoMerge(f"{owner or 'another contact'} has the {word} {key[1]} by now; change that first")


def _remember_dismissals(gone_id: int, survivor_id: int) -> None:
    """Who was said not to be the one that goes is not the one that stays, either."""
    said = DuplicatePair.objects.exclude(dismissed_at=None)
    pairs = [*said.filter(first=gone_id), *said.filter(second=gone_id)]
    others = {pair.second_id if pair.first_id == gone_id else pair.first_id: pair for pair in pairs}
    DuplicatePair.objects.bulk_create(
        [
            DuplicatePair(
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
