"""What segments hold of a person: to which they belong. They leave all of them when they are erased."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from contacts.privacy.holding import Person, Section, row_of
from segments.models import Membership


class Memberships:
    """As contacts.privacy.holding.Holder says."""

    def tell(self, person: Person) -> Iterable[Section]:
        found = Membership.objects.filter(contact__in=person.contact_ids).select_related("segment")
        yield Section("Segments", [row_of(one, "segment") for one in found.order_by("segment__name", "pk")])

    def erase(self, person: Person) -> Mapping[str, int]:
        return {}  # rows go with the contact they are about


MEMBERSHIPS = Memberships()
