"""Which lead a submission belongs to: the open one with the same interest, a closed one again, or a new one."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from django.db.models import Q
from django.utils import timezone

from contacts.models import MarketingContext
from forms_intake.errors import CannotProcess
from forms_intake.fitting import as_text
from forms_intake.models import AfterClosed, Creates
from forms_intake.processing.intents import Intent
from forms_intake.processing.locking import locked_shared
from forms_intake.processing.people import ROUNDS
from forms_intake.processing.values import effect, put
from forms_intake.targets import TEXT_CHARACTERS
from leadcrm.lib.claims import Key
from leads import match_keys
from leads.models import Lead, Status
from leads.services.closing import reopen_leads
from leads.services.records import NewLead, open_leads

ALIVE_AND_OPEN = """
SELECT id FROM leads_lead WHERE id = ANY(%s) AND deleted_at IS NULL AND status = 'open' ORDER BY id FOR SHARE
"""
SAID_ONCE = "topic"
"""Told when a lead is made, and never by a later submission."""
CLOSED_AGAIN: dict[str, str] = {
    AfterClosed.IGNORE: "The lead with the same interest is closed; only the interaction was added.",
    AfterClosed.REOPEN: "The lead with the same interest was closed; it was reopened.",
}


def match_leads(intents: Sequence[Intent]) -> None:
    """Give every intent whose form makes leads its lead; the contact must be known by now."""
    making = [intent for intent in intents if intent.form.creates in (Creates.BOTH, Creates.LEAD)]
    waiting = [intent for intent in making if not intent.submission.lead_id]
    kinds = match_keys.kinds_in_use() if waiting else []
    for _ in range(ROUNDS):
        if not waiting:
            break
        waiting = _Round(waiting, kinds).settle()
    if waiting:
        raise CannotProcess("Which lead this belongs to kept changing while it was being matched; please retry it.")
    keep_leads([intent for intent in making if intent.submission.lead_id])


def keep_leads(intents: Sequence[Intent]) -> None:
    """Submissions that had become a lead before and are processed once more keep it, whatever the strategy says now;
    what they say by now fills it as any other submission would, if it is open.
    """
    for intent in intents:
        intent.lead_id = intent.submission.lead_id
        before = (intent.submission.decision or {}).get("lead", {})
        intent.decision["lead"] = {
            "strategy": before.get("strategy", ""),
            "key": before.get("key", ""),
            "candidates": [intent.lead_id],
            "winner": intent.lead_id,
            "reason": "It was this lead already when it was processed before.",
            "new": False,
        }
    ids = sorted({intent.lead_id for intent in intents if intent.lead_id})
    if not ids:
        return
    alive = Lead.objects.alive().open().filter(pk__in=ids).order_by("pk")
    found = {lead.pk: lead for lead in alive.select_for_update(no_key=True, of=("self",))}
    columns: set[str] = set()
    changed: dict[int, Lead] = {}
    for intent in intents:
        lead = found.get(intent.lead_id or 0)
        if lead is not None and (gained := _apply(intent, lead) | _name(intent, lead)):
            columns |= gained
            changed[lead.pk] = lead
    for lead in changed.values():
        lead.version += 1
        lead.updated_at = timezone.now()
    if changed:
        Lead.objects.bulk_update(list(changed.values()), sorted(columns | {"version", "updated_at"}))


def _name(intent: Intent, lead: Lead) -> set[str]:
    """Whom a lead without a contact is about, as far as nothing is known of it."""
    if lead.contact_id or intent.contact_id:
        return set()
    gained = {name: said for name, said in _person(intent).items() if not getattr(lead, name)}
    for name, said in gained.items():
        setattr(lead, name, said)
    return set(gained)


class _Round:
    """One pass over the intents, as in people.py."""

    def __init__(self, intents: list[Intent], kinds: list[match_keys.Kind]) -> None:
        self.intents, self.kinds = intents, kinds
        self.own: dict[int, int] = {}
        self.asked: dict[int, Key | None] = {}
        self.owners: dict[Key, int] = {}
        self.open: dict[int, Lead] = {}
        self.closed: dict[int, Lead] = {}
        self.fresh: dict[int, tuple[str, NewLead]] = {}
        self.touched: dict[int, list[Intent]] = {}
        self.instead: dict[int, tuple[int, str]] = {}
        self.reopened: set[int] = set()
        self.lost: set[int] = set()

    def settle(self) -> list[Intent]:
        self._claim()
        self._find_closed()
        later = [intent for intent in self.intents if not self._resolve(intent)]
        if self.lost:
            match_keys.release(sorted(self.lost))
        later += self._reopen()
        self._open_new()
        later += self._fill_known()
        return later

    def _claim(self) -> None:
        ids = match_keys.allocate_lead_ids(len(self.intents))
        wanted = []
        for intent, lead_id in zip(self.intents, ids, strict=True):
            pk = intent.submission.pk
            self.own[pk] = lead_id
            values = _interest(intent)
            self.asked[pk] = next(iter(match_keys.keys_of(values, _kinds_asked(intent))), None)
            wanted += [(*key, lead_id) for key in match_keys.keys_of(values, self.kinds)]
        self.owners = match_keys.claim(wanted)
        known = set(self.owners.values()) - set(ids)
        self.open = {lead.pk: lead for lead in Lead.objects.alive().open().filter(pk__in=known)}
        if gone := known - self.open.keys():
            # Closed or deleted, but its keys stayed: they are free for whoever comes now.
            match_keys.release(sorted(gone))
            self.lost |= gone

    def _find_closed(self) -> None:
        """The latest closed lead with the same interest, for intents that found no open one."""
        wanted = {
            intent.submission.pk: intent
            for intent in self.intents
            if not intent.contact_is_new and self._won(intent) and self.asked[intent.submission.pk]
        }
        if not wanted:
            return
        people = {intent.contact_id for intent in wanted.values()}
        closed = list(Lead.objects.alive().filter(~Q(status=Status.OPEN), contact_id__in=people).order_by("-pk"))
        for pk, intent in wanted.items():
            asked = self.asked[pk]
            kinds = _kinds_asked(intent)
            for lead in closed:
                if asked in match_keys.keys_of(match_keys.values_of(lead), kinds):
                    self.closed[pk] = lead
                    break

    def _won(self, intent: Intent) -> bool:
        key = self.asked[intent.submission.pk]
        return key is None or self.owners[key] == self.own[intent.submission.pk]

    def _resolve(self, intent: Intent) -> bool:
        """Decide one intent, in the order of arrival; False when it must wait for the next round."""
        pk, own, key = intent.submission.pk, self.own[intent.submission.pk], self.asked[intent.submission.pk]
        winner = own if key is None else self.owners[key]
        if winner in self.lost and winner not in self.instead:
            self.lost.add(own)
            return False
        closed = self.closed.get(pk)
        again = intent.form.after_closed
        if winner in self.instead:
            self.lost.add(own)
            winner, reason = self.instead[winner]
            if winner in self.reopened:
                self.touched[winner].append(intent)
        elif winner != own:
            self.lost.add(own)
            self.touched.setdefault(winner, []).append(intent)
            reason = "An open lead has the same interest."
        elif closed and again in CLOSED_AGAIN:
            self.lost.add(own)
            winner, reason = self.instead[own] = closed.pk, CLOSED_AGAIN[again]
            if again == AfterClosed.REOPEN:
                self.reopened.add(closed.pk)
                self.touched.setdefault(closed.pk, []).append(intent)
        else:
            self.fresh[own] = intent.form.name, new_lead(intent, closed)
            reason = "No lead had the same interest."
            if key is None:
                reason = "The form's matching strategy always makes a new lead."
                if intent.form.always_new_lead:
                    reason = "Every post to this form makes a new lead."
                elif not intent.contact_id:
                    reason = "No open lead without a contact has the same e-mail and the same interest."
            elif closed:
                reason = "The lead with the same interest is closed; this one continues it."
        intent.lead_id = winner
        intent.decision["lead"] = {
            "strategy": intent.form.lead_strategy.name,
            "key": f"{key[0]}: {key[1]}" if key else "",
            "candidates": [closed.pk] if closed else [] if winner == own else [winner],
            "winner": winner,
            "reason": reason,
            "new": winner == own,
        }
        return True

    def _open_new(self) -> None:
        """Insert the new leads, for each form with its name as the reason."""
        by_form: dict[str, dict[int, NewLead]] = {}
        for lead_id, (form, new) in self.fresh.items():
            by_form.setdefault(form, {})[lead_id] = new
        for form, leads in by_form.items():
            made = open_leads(list(leads.values()), detail=f"By the form {form}", ids=list(leads), claim_keys=False)
            self.open |= {lead.pk: lead for lead in made}

    def _reopen(self) -> list[Intent]:
        """Open closed leads again; the intents whose lead turned out to be closed no more, or gone."""
        if not self.reopened:
            return []
        done = reopen_leads(sorted(self.reopened), by=None, reason="By a new submission", anew=True)
        self.open |= Lead.objects.in_bulk(done)
        return self._postponed(self.reopened - set(done))

    def _fill_known(self) -> list[Intent]:
        """Fill open leads that were there before, locked in id order; the intents whose lead was closed meanwhile."""
        known = sorted(self.touched.keys() & self.open.keys())
        changing = {lead_id for lead_id in known if any(_apply(i, self.open[lead_id]) for i in self.touched[lead_id])}
        if not changing:
            return self._postponed(set(known) - locked_shared(ALIVE_AND_OPEN, known))
        columns: set[str] = set()
        now = timezone.now()
        locked = Lead.objects.open().filter(pk__in=known, deleted_at__isnull=True).order_by("pk")
        found = {lead.pk: lead for lead in locked.select_for_update(no_key=True)}
        changed = [lead for lead in found.values() if lead.pk in changing]
        for lead in changed:
            for intent in self.touched[lead.pk]:
                columns |= _apply(intent, lead)
            lead.version += 1
            lead.updated_at = now
        Lead.objects.bulk_update(changed, sorted(columns | {"version", "updated_at"}))
        return self._postponed(set(known) - found.keys())

    def _postponed(self, gone: Iterable[int]) -> list[Intent]:
        """The intents that had found one of these leads, to be looked at again."""
        waiting = [intent for lead_id in gone for intent in self.touched.pop(lead_id)]
        for intent in waiting:
            intent.lead_id = None
        return waiting


def new_lead(intent: Intent, closed: Lead | None) -> NewLead:
    """The lead that an intent makes, where it continues none or a `closed` one."""
    context = intent.context
    return NewLead(
        **{"topic": intent.form.topic, **intent.values("lead"), **_company_in_words(intent)},
        contact_id=intent.contact_id or None,
        marketing_context=MarketingContext(
            pk=context.id, campaign_id=context.campaign_id, product_id=context.product_id
        ),
        owner_id=intent.form.owner_id,
        rating=intent.submission.origin.get("rating", "") if intent.is_captured else "",
        related_lead_id=closed.pk if closed else None,
        custom=intent.custom("lead"),
        **_person(intent),
    )


def _company_in_words(intent: Intent) -> dict[str, str]:
    """What was said of a company, in the description: a form that makes only leads makes no account of it."""
    said = intent.about("account") if intent.form.creates == Creates.LEAD else []
    if not said:
        return {}
    labels = {one.target: one.label for one in intent.form.fields}
    lines = [f"{labels.get(one.target) or one.target.name}: {as_text(one.value)}" for one in said]
    own = intent.values("lead").get("description", "")
    return {"description": "\n".join(filter(None, [own, *lines]))[:TEXT_CHARACTERS]}


def _person(intent: Intent) -> dict[str, Any]:
    """Whom a lead is about that has no contact."""
    if intent.contact_id:
        return {}
    said = intent.values("contact")
    return {f"person_{name}": said[name] for name in ("first_name", "last_name", "email", "phone") if name in said}


def _kinds_asked(intent: Intent) -> list[match_keys.Kind]:
    """The strategy's kind, and the shipped one for a context without the campaign or product it asks for; none when
    every post makes a lead.
    """
    if intent.form.always_new_lead:
        return []
    kind = match_keys.kind_of(intent.form.lead_strategy.attributes)
    return [kind, match_keys.DEFAULT_KIND] if kind else []


def _interest(intent: Intent) -> dict[str, int | None]:
    return {
        "contact": intent.contact_id,
        "marketing_context": intent.context.id,
        "campaign": intent.context.campaign_id,
        "product": intent.context.product_id,
    }


def _apply(intent: Intent, lead: Lead) -> set[str]:
    changed: set[str] = set()
    wrote = intent.wrote["lead"] = []
    for said in intent.about("lead"):
        if said.target.custom or said.target.name != SAID_ONCE:
            wrote.append(effect(lead, said))
            changed |= put(lead, said)
    return changed
