"""What is kept for a while only: visits of nobody, visits of people we know, rows that nothing could be made of."""

from __future__ import annotations

from datetime import timedelta

from django.conf import settings
from django.db.models import Exists, OuterRef
from django.utils import timezone

from contacts.services.forgetting import in_chunks
from forms_intake.models import RawHit, Visit, Visitor, VisitorIdentity

VISITS_A_CHUNK = 1000
FAILED_KEPT = timedelta(days=7)


def sweep() -> dict[str, int]:
    """Remove what was kept long enough, in chunks; how many of each."""
    now = timezone.now()
    anonymous = now - timedelta(days=settings.HITS_KEPT_DAYS)
    known = now - timedelta(days=settings.VISITS_KEPT_DAYS)
    nobody = Visit.objects.filter(contact=None, ended_at__lt=anonymous)
    forgotten = {
        "visits of nobody": in_chunks(nobody, VISITS_A_CHUNK),
        "visits": in_chunks(Visit.objects.filter(ended_at__lt=known), VISITS_A_CHUNK),
    }
    here = Visit.objects.filter(visitor=OuterRef("pk"))
    named = VisitorIdentity.objects.filter(visitor=OuterRef("pk"))
    gone = Visitor.objects.filter(~Exists(here), ~Exists(named), last_seen__lt=anonymous)
    old = Visitor.objects.filter(~Exists(here), last_seen__lt=known)
    forgotten["visitors"] = in_chunks(gone, VISITS_A_CHUNK) + in_chunks(old, VISITS_A_CHUNK)
    forgotten["rows"] = in_chunks(RawHit.objects.exclude(error="").filter(received_at__lt=now - FAILED_KEPT), 5000)
    return forgotten
