"""What visits and mails hold of a person. Erased, their visits are gone, and no browser leads to them any more."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from contacts.privacy.holding import Person, Section, row_of
from forms_intake.models import Hit, Identification, MailTouch, RawHit, Visit, Visitor, VisitorIdentity

VISIT = ("website", "started_at", "ended_at", "pages", "landing", "referrer", "tags", "later")
HIT = ("at", "host", "path", "title")
TOUCH = ("mail", "subject", "link", "sent_at", "times", "first_at", "last_at")


class Visits:
    """As contacts.privacy.holding.Holder says."""

    def tell(self, person: Person) -> Iterable[Section]:
        visits = Visit.objects.filter(contact__in=person.contact_ids).select_related("website").order_by("pk")
        yield Section("Visits of our websites", [row_of(one, *VISIT) for one in visits.iterator(chunk_size=2000)])
        hits = Hit.objects.filter(visit__contact__in=person.contact_ids).order_by("at", "pk")
        yield Section("Pages they looked at", [row_of(one, *HIT) for one in hits.iterator(chunk_size=2000)])
        browsers = VisitorIdentity.objects.filter(contact__in=person.contact_ids).order_by("pk")
        yield Section("How their browsers were known", [row_of(one, "since", "how") for one in browsers])
        touches = MailTouch.objects.filter(contact__in=person.contact_ids).order_by("pk")
        yield Section("Mails they opened or followed", [row_of(one, *TOUCH) for one in touches])

    def erase(self, person: Person) -> Mapping[str, int]:
        """A browser that was theirs alone goes whole, with what nobody was known to have done on it."""
        mine = VisitorIdentity.objects.filter(contact__in=person.contact_ids)
        visitors = set(mine.values_list("visitor", flat=True))
        others = VisitorIdentity.objects.filter(visitor__in=visitors).exclude(contact__in=person.contact_ids)
        alone = visitors - set(others.values_list("visitor", flat=True))
        visits = Visit.objects.filter(contact__in=person.contact_ids)
        counts = {"visits": visits.count(), "mails followed": 0}
        Identification.objects.filter(contact__in=person.contact_ids).delete()
        visits.delete()
        mine.delete()
        Visitor.objects.filter(pk__in=alone).delete()
        counts["mails followed"] = MailTouch.objects.filter(contact__in=person.contact_ids).delete()[0]
        for pk in person.contact_ids:  # what happened to their mails and waits for a worker
            RawHit.objects.exclude(kind=RawHit.Kind.HITS).filter(body__startswith=f"[{pk},").delete()
        return counts


VISITS = Visits()
