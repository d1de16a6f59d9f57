"""A copy of all that is known of a person: as JSON for programs, as a page for people."""

from __future__ import annotations

import json
from typing import Any

from django.conf import settings
from django.template.loader import render_to_string
from django.utils import timezone

from contacts import normalise
from contacts.models import Contact, DataRequest, Entity, MatchKey, Merge
from contacts.privacy.holding import Person, Section, holders
from contacts.privacy.requests import note


def person_of(request: DataRequest) -> Person:
    """Whose request it is: the contact, if there is one, every address they are known by, whoever has one of those, and
    all whom any of them was merged with, however often: they are one person, and what went is kept for thirty days.
    """
    contact = request.contact
    emails = {normalise.email(one) or one for one in (request.email, contact.email if contact else "") if one}
    ids = {contact.pk} if contact else set()
    before: tuple[set[int], set[str]] = (set(), set())
    while (ids, emails) != before:
        before = (set(ids), set(emails))
        ids |= _known_by(emails) | _merged_with(ids)
        emails |= set(Contact.objects.filter(pk__in=ids).exclude(email="").values_list("email", flat=True))
        emails |= set(MatchKey.objects.filter(contact__in=ids, kind="email").values_list("value", flat=True))
    people = Contact.objects.filter(pk__in=ids)
    names = {name for one in people if (name := f"{one.first_name} {one.last_name}".strip()) and " " in name}
    return Person(tuple(sorted(ids)), tuple(sorted(emails)), tuple(sorted(names)))


def _known_by(emails: set[str]) -> set[int]:
    """Who has one of these addresses, or is known by it since somebody who had it was merged into them."""
    ids = set(MatchKey.objects.filter(kind="email", value__in=emails).values_list("contact", flat=True))
    for email in emails:
        # Deleted ones too, which have no match keys any more; the index of the search finds them.
        same = Contact.objects.filter(search_text__contains=email.upper(), email__iexact=email)
        ids |= set(same.values_list("pk", flat=True))
    return ids


def _merged_with(ids: set[int]) -> set[int]:
    """Who was merged into these, and whom these were merged into, as far as they are kept."""
    merges = Merge.objects.filter(entity=Entity.CONTACT, undone_at=None)
    others = {*merges.filter(survivor_id__in=ids).values_list("gone_id", flat=True)}
    others |= {*merges.filter(gone_id__in=ids).values_list("survivor_id", flat=True)}
    return set(Contact.objects.filter(pk__in=others).values_list("pk", flat=True))


def sections_of(person: Person) -> list[Section]:
    """Everything that is known, kind by kind, the ground's own first."""
    return [section for holder in reversed(holders()) for section in holder.tell(person)]


def as_json(request: DataRequest, sections: list[Section]) -> str:
    """The copy as JSON: sections by title, each a list of rows."""
    whole: dict[str, Any] = {
        "workspace": settings.WORKSPACE_NAME,
        "made_at": timezone.now().isoformat(),
        "asked_at": request.received_at.isoformat(),
        "data": {section.title: section.rows for section in sections},
    }
    return json.dumps(whole, ensure_ascii=False, indent=2, default=str)


def as_page(request: DataRequest, sections: list[Section]) -> str:
    """The copy as one page of HTML that needs nothing else."""
    drawn = [
        (section.title, [[(label, _words(value)) for label, value in row.items()] for row in section.rows])
        for section in sections
    ]
    words = {"sections": drawn, "request": request, "workspace": settings.WORKSPACE_NAME, "now": timezone.now()}
    return render_to_string("privacy/copy.html", words)


def make_copy(request: DataRequest, *, form: str, by: Any) -> str:
    """The copy as `form` ("json" or "html"); that it was made, by whom and of how much is on record."""
    sections = sections_of(person_of(request))
    counts = ", ".join(f"{len(section.rows)} {section.title.lower()}" for section in sections if section.rows)
    note(request, f"Copy made as {form.upper()}", words=counts, by=by)
    return as_json(request, sections) if form == "json" else as_page(request, sections)


def _words(value: Any) -> str:
    if isinstance(value, bool):
        return "Yes" if value else "No"
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, default=str)
