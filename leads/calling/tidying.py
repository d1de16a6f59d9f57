"""What is no longer to be called later goes: leads that were closed, or handed to sales, in another way."""

from __future__ import annotations

from datetime import timedelta

from django.db.models import Q
from django.utils import timezone

from leads.calling.undoing import window
from leads.models import Call, CallLater, Status
from leads.stages import Stage

MOST = 5000
KEPT = timedelta(days=7)
"""So long after its time a wait is kept: a lead opened again meanwhile is called as was promised."""


def tidy() -> int:
    """Delete waits that are long over and mean nothing any more; how many. Promises to open leads stay. How leads were
    before calls that can no longer be taken back is forgotten, too.
    """
    Call.objects.filter(before__isnull=False, happened_at__lte=timezone.now() - window()).update(before=None)
    over = CallLater.objects.filter(due_at__lt=timezone.now() - KEPT)
    settled = ~Q(lead__status=Status.OPEN) | Q(lead__stage=Stage.SALES_ACCEPTANCE) | Q(lead__deleted_at__isnull=False)
    meaningless = settled | ~Q(why=CallLater.Why.CALL_BACK)
    ids = list(over.filter(meaningless).values_list("pk", flat=True)[:MOST])
    return CallLater.objects.filter(pk__in=ids).delete()[0]
