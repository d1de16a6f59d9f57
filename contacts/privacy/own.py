"""What the ground itself holds of a person: the contact, its keys, consents, interactions, history."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from django.contrib.admin.models import LogEntry
from django.contrib.contenttypes.models import ContentType
from django.db.models import Q

from contacts import custom_fields
from contacts.models import (
    Consent,
    ConsentAsked,
    Contact,
    DataRequest,
    Entity,
    FieldChange,
    Guardianship,
    Interaction,
    InteractionKey,
    ListExport,
    MatchKey,
    Merge,
    MergedRows,
)
from contacts.privacy.holding import Person, Section, plain, row_of
from contacts.privacy.searches import forget_searched, forget_viewed

COLUMNS = (
    *("first_name", "last_name", "email", "phone", "job_title", "role", "country", "city", "external_id"),
    *(
        "account",
        "owner",
        "consent_level",
        "marketing_only",
        "do_not_call",
        "do_not_email",
        "created_at",
        "updated_at",
        "deleted_at",
    ),
)
CONSENT = (
    *("purpose", "level", "given", "wording", "language", "how", "source", "page", "ip", "recorded_at"),
    *("confirmed_at", "confirmed_ip", "by_guardian"),
)
ASKED = ("purpose", "wording", "language", "how", "source", "page", "ip", "asked_at", "held_at")
INTERACTION = ("type", "subject", "occurred_at", "source", "marketing_context", "payload")
REQUEST = ("kind", "state", "received_at", "due_on", "done_at")


class Own:
    """As contacts.privacy.holding.Holder says."""

    def tell(self, person: Person) -> Iterable[Section]:
        contacts = Contact.objects.filter(pk__in=person.contact_ids).select_related("account", "owner")
        yield Section("Contact", [_contact(one) for one in contacts])
        keys = MatchKey.objects.filter(contact__in=person.contact_ids).order_by("kind", "value")
        yield Section("Known by", [{"By": key.kind, "Value": key.value} for key in keys])
        consents = Consent.objects.filter(contact__in=person.contact_ids).select_related("purpose")
        yield Section("Consents", [row_of(one, *CONSENT) for one in consents.order_by("recorded_at", "pk")])
        asked = ConsentAsked.objects.filter(contact__in=person.contact_ids).select_related("purpose")
        waiting = [row_of(one, *ASKED) for one in asked]
        yield Section("Consents not confirmed yet", waiting)
        done = Interaction.objects.filter(contact__in=person.contact_ids).order_by("occurred_at", "pk")
        touches = done.select_related("marketing_context").iterator(chunk_size=2000)
        yield Section("Interactions", [row_of(one, *INTERACTION) for one in touches])
        changes = FieldChange.objects.filter(subject="contact", subject_id__in=person.contact_ids)
        yield Section("Changes of the contact", changes_told(changes))
        children = Guardianship.objects.filter(child__in=person.contact_ids)
        yield Section("Child and guardian", [row_of(one, "guardian", "agreed_at", "how") for one in children])
        requests = DataRequest.objects.filter(contact__in=person.contact_ids).order_by("pk")
        yield Section("What they asked about their data", [row_of(one, *REQUEST) for one in requests])

    def erase(self, person: Person) -> Mapping[str, int]:
        touches = Interaction.objects.filter(contact__in=person.contact_ids)
        consents = Consent.objects.filter(contact__in=person.contact_ids)
        counts = {"interactions": touches.count(), "consents": consents.count()}
        InteractionKey.objects.filter(interaction_id__in=touches.values("pk")).delete()
        touches.delete()
        forget_logged(Contact, person.contact_ids)
        counts["exports"] = forget_searched(ListExport.objects.all(), person)
        counts["saved views"] = forget_viewed(person)
        _forget_merges(person)
        # Last, and the history of its fields with it: the database sees to that.
        contacts = Contact.objects.filter(pk__in=person.contact_ids)
        counts["contacts"] = len(person.contact_ids)
        contacts.delete()
        FieldChange.objects.filter(subject="contact", subject_id__in=person.contact_ids).delete()
        return counts


def _contact(contact: Contact) -> dict[str, object]:
    told = row_of(contact, *COLUMNS)
    return told | {label: plain(words) for label, words in custom_fields.in_words(contact, Entity.CONTACT)}


def changes_told(changes: Iterable[FieldChange]) -> list[dict[str, object]]:
    """Field history as it is handed to the person."""
    return [
        {"Field": one.field, "Before": one.before, "After": one.after, "When": plain(one.changed_at)}
        for one in sorted(changes, key=lambda one: (one.changed_at, one.pk))
    ]


def forget_logged(model: type, ids: Iterable[int]) -> None:
    """What the admin wrote down of these records keeps no name."""
    entries = LogEntry.objects.filter(
        content_type=ContentType.objects.get_for_model(model), object_id__in=[str(pk) for pk in ids]
    )
    entries.update(object_repr="Erased on request", change_message="")


def _forget_merges(person: Person) -> None:
    """That two records were merged stays known, by their ids; what they held does not."""
    ids = person.contact_ids
    merges = Merge.objects.filter(Q(gone_id__in=ids) | Q(survivor_id__in=ids), entity=Entity.CONTACT)
    MergedRows.objects.filter(merge__in=merges).delete()
    merges.update(gone_name="", before={}, after={})


OWN = Own()
