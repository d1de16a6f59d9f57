"""Telling who keeps connectors and mailboxes that one has failed for a while, or that a token ends soon.

A single failure is nobody's news: most pass by themselves. Whoever is told is told once of each outage, and once more
when it lasts, however often and by however many workers it is looked at: the notice is keyed by when the outage began.
"""

from __future__ import annotations

from datetime import timedelta

from django.db.models import F, Q, QuerySet
from django.utils import timezone

from contacts.models import User
from contacts.roles import Ability, roles_with
from forms_intake.ads.fetching import OLDEST
from forms_intake.ads.setting_up import SOON
from forms_intake.models import Connector, ConnectorState, Mailbox
from leads.models import NoticeKind
from leads.services.notices import notify

OUTAGES = "forms_intake.outages"
PATIENCE = timedelta(minutes=50)
"""It must have failed again so long after it first did: a connector is asked three times by then, a mailbox six."""
LONG = timedelta(days=7)


def failing_connectors() -> QuerySet[Connector]:
    """Those that are on and have failed for a while."""
    return Connector.objects.filter(_for_a_while(), state=ConnectorState.ON)


def failing_mailboxes() -> QuerySet[Mailbox]:
    """Those that are on and have failed for a while."""
    return Mailbox.objects.filter(_for_a_while(), active=True)


def _for_a_while() -> Q:
    return Q(last_error_at__gte=F("failing_since") + PATIENCE)


def _failing() -> list[Connector | Mailbox]:
    return [*failing_connectors(), *failing_mailboxes()]


def in_words() -> list[str]:
    """Each that has failed for a while, a sentence with its reason."""
    return [_words(one) for one in _failing()]


def tell() -> int:
    """Tell marketers and administrators what they have not been told yet; how many notices that were."""
    keepers = User.objects.filter(role__in=roles_with(Ability.MARKET), is_active=True)
    people = list(keepers.values_list("pk", flat=True))
    now = timezone.now()
    told = 0
    for one in _failing():
        if began := one.failing_since:
            lasts = ":long" if now - began > LONG else ""
            told += _tell(people, _words(one), f"outage:{one._meta.model_name}:{one.pk}:{began:%Y%m%d%H%M%S}{lasts}")
    soon = timezone.localdate() + timedelta(days=SOON)
    for connector in Connector.objects.filter(state=ConnectorState.ON, token_until__lte=soon):
        if until := connector.token_until:
            has = "ends on" if until >= timezone.localdate() else "has ended on"
            words = (
                f"The token of {connector} (ads) {has} {until:%d.%m.%Y}: without a new one no leads come in from it."
            )
            told += _tell(people, words, f"token:{connector.pk}:{until:%Y%m%d}")
    return told


def _tell(people: list[int], words: str, key: str) -> int:
    return len(notify(NoticeKind.WORKSPACE, lead_ids=[], to=people, by=None, words=words[:300], key=key))


def _words(one: Connector | Mailbox) -> str:
    since = f"since {timezone.localtime(one.failing_since):%d.%m.%Y %H:%M}"
    if isinstance(one, Mailbox):
        return f"The mailbox {one} has not been readable {since}: {one.last_error}"
    kept = f"The network keeps leads for {OLDEST.days} days."
    some = one.failing_since and one.last_lead_at and one.last_lead_at > one.failing_since
    which = "Not all" if some else "No"
    return f"{which} leads of ads have come in from {one} {since}: {one.last_error} {kept}"
