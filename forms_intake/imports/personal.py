"""What imports hold of a person besides what they wrote: rows that were refused, first rows, and the files themselves.

A file is kept for thirty days so that it can be imported again. Erased, none of a person's lines may stay in one, so a
file that brought them goes whole, at once. What is under way is read to its end first: stones keep the person out. Then
it goes too, and so does every other file that names them anywhere (searching.py).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import partial

from django.db import transaction
from django.db.models import F, Func, Q, QuerySet, TextField, Value
from django.db.models.functions import Cast

from contacts.privacy.holding import Person, Section
from forms_intake.imports.keeping import discard
from forms_intake.models import ImportChunk, ImportReject, ImportRun
from forms_intake.models.imports import UNDER_WAY


class Files:
    """As contacts.privacy.holding.Holder says; the door asks it (forms_intake/personal.py)."""

    def tell(self, person: Person) -> Iterable[Section]:
        rows = _rejects(person).select_related("run").order_by("pk")
        found = [{"File": one.run.name, "Line": one.line, "Cells": list(one.cells), "Why": one.reason} for one in rows]
        return [Section("Rows of files that were not imported", found)] if found else []

    def erase(self, person: Person) -> Mapping[str, int]:
        rejects = _rejects(person)
        runs = set(rejects.values_list("run", flat=True)) | set(_runs(person).values_list("pk", flat=True))
        runs |= set(_brought(person))
        removed = rejects.delete()[0]
        ImportRun.objects.filter(pk__in=runs).update(sample=[])
        kept = ImportRun.objects.filter(pk__in=runs).exclude(file="").exclude(state__in=UNDER_WAY)
        files = list(kept.values_list("file", flat=True))
        kept.update(file="")
        for key in files:
            transaction.on_commit(partial(discard, key))
        return {"rows of files": removed, "files deleted": len(files)}


def _brought(person: Person) -> Iterable[int]:
    """Imports that made this person or met them."""
    if not person.contact_ids:
        return ()
    ids = list(person.contact_ids)
    found: Iterable[int] = (
        ImportChunk.objects.filter(Q(contacts__overlap=ids) | Q(known_contacts__overlap=ids))
        .values_list("run", flat=True)
        .distinct()
    )
    return found


def _runs(person: Person) -> QuerySet[ImportRun]:
    """Imports whose first rows name an address of theirs."""
    return ImportRun.objects.alias(said=Cast("sample", TextField())).filter(_naming("said", person))


def _rejects(person: Person) -> QuerySet[ImportReject]:
    said = Func(F("cells"), Value("\n"), function="array_to_string", output_field=TextField())
    return ImportReject.objects.alias(said=said).filter(_naming("said", person))


def _naming(name: str, person: Person) -> Q:
    naming = Q(pk=None)
    for email in person.emails:
        naming |= Q(**{f"{name}__icontains": email})
    return naming


FILES = Files()
