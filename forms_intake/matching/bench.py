"""Whom a record would match, and why: the very steps that submissions go through, taken back afterwards."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from uuid import uuid4

from django.db import connection, transaction
from django.db.models import Value
from django.db.models.functions import Upper
from django.utils import timezone

from contacts import match_keys, normalise
from contacts.duplicates import Suggestion, likely_duplicates
from contacts.free_mail import company_domain, read_free_mail
from contacts.likeness.suggested import suggested
from contacts.models import Account, Contact, ContactMatchingStrategy, MarketingContext, User
from forms_intake.errors import CannotProcess
from forms_intake.matching.words import NAMES, key_in_words
from forms_intake.models import AfterClosed, Creates, FormState, Submission, Update
from forms_intake.processing.companies import match_accounts
from forms_intake.processing.intents import Intent, Said
from forms_intake.processing.interests import match_leads
from forms_intake.processing.keys import find_keys
from forms_intake.processing.people import match_contacts
from forms_intake.spec.shape import ContextSpec, FormSpec, StrategySpec
from forms_intake.targets import target_of
from leads.models import Lead, LeadMatchingStrategy

FILLS = {
    "email": "contact.email",
    "first_name": "contact.first_name",
    "last_name": "contact.last_name",
    "phone": "contact.phone",
    "external_id": "contact.external_id",
    "company": "account.name",
}
NAME = "The bench"


@dataclass
class Tried:
    """What came of it. `problem`: why nobody could be known. `not_asked`: strategies that could not be asked, each with
    what the record lacks for it. A contact or lead that is None would be new, an account where `account_is_new`.
    """

    problem: str = ""
    not_asked: list[str] = field(default_factory=list)
    decision: dict[str, Any] = field(default_factory=dict)
    keys: list[str] = field(default_factory=list)
    contact: Contact | None = None
    others: list[Contact] = field(default_factory=list)
    alike: list[Suggestion] = field(default_factory=list)
    lead: Lead | None = None
    account: Account | None = None
    account_is_new: bool = False
    account_why: str = ""

    @property
    def compared(self) -> str:
        """What the contact was found by, in words."""
        return key_in_words(self.decision.get("contact", {}).get("key", ""))


def try_record(
    values: Mapping[str, str],
    *,
    contact_strategy: ContactMatchingStrategy,
    lead_strategy: LeadMatchingStrategy | None,
    context: MarketingContext | None,
    user: User,
) -> Tried:
    """Match `values` (names of FILLS, as typed) as a submission of a form with these strategies would be, now. Nothing
    is kept. `user` is told only of contacts that they may see.
    """
    tried = Tried(not_asked=_not_asked(values, contact_strategy, lead_strategy, context))
    intent = _intent(values, contact_strategy, lead_strategy, context)
    kinds = list(dict.fromkeys([*match_keys.kinds_in_use(), match_keys.kind_of(contact_strategy.deciding)]))
    problems = find_keys([intent], [kind for kind in kinds if kind])
    tried.keys = [key_in_words(f"{kind}: {value}".replace("\n", ", ")) for kind, value in intent.keys]
    companies: dict[int, int] = {}
    ids: list[int] = []
    if problems:
        tried.problem = next(iter(problems.values()))
    else:
        try:
            with transaction.atomic():
                companies = _match(intent, kinds)
                transaction.set_rollback(True)
        except CannotProcess as error:
            tried.problem = error.message
        tried.decision = intent.decision
        said = intent.decision.get("contact", {})
        ids = [pk for pk in [said.get("winner"), *said.get("candidates", [])] if pk]
    people = Contact.objects.visible_to(user).select_related("account").in_bulk(ids)
    tried.contact = None if intent.contact_is_new else people.get(intent.contact_id)
    tried.others = [people[pk] for pk in ids if pk in people and people[pk] != tried.contact]
    tried.alike = _alike(values, contact_strategy, user, but={one.pk for one in people.values()})
    lead = tried.decision.get("lead", {})
    tried.lead = Lead.objects.visible_to(user).filter(pk=lead.get("winner")).first() if lead else None
    tried.account = Account.objects.alive().filter(pk__in=companies.values()).first()
    tried.account_is_new = bool(companies) and tried.account is None
    tried.account_why = _why_account(values, tried.account)
    return tried


def _not_asked(
    values: Mapping[str, str],
    contact_strategy: ContactMatchingStrategy,
    lead_strategy: LeadMatchingStrategy | None,
    context: MarketingContext | None,
) -> list[str]:
    """Which of the strategies compare something that the record does not say, and what; nothing of one that compares
    nothing, or of leads where none is asked for.
    """
    compared = {match_keys.attribute_of(name) for name in [*contact_strategy.attributes, *contact_strategy.fuzzy]}
    lacks = [name for name in match_keys.ATTRIBUTES if name in compared and not match_keys.keys_of(values, [(name,)])]
    said = [f"{NAMES[name]} {'cannot be read' if values.get(name, '').strip() else 'is missing'}" for name in lacks]
    told = [f"{contact_strategy} could not be asked: {', '.join(said)}."] if said else []
    if lead_strategy and context:
        about = {"campaign": context.campaign_id, "product": context.product_id}
        missing = [NAMES[name] for name in lead_strategy.attributes if name in about and not about[name]]
        if missing:
            words = f"{context} has no {' and no '.join(missing)}. The lead is known by contact and context instead"
            told.append(f"{lead_strategy} could not be asked: {words}.")
    return told


def _intent(
    values: Mapping[str, str],
    contact_strategy: ContactMatchingStrategy,
    lead_strategy: LeadMatchingStrategy | None,
    context: MarketingContext | None,
) -> Intent:
    spec = ContextSpec(context.pk, context.campaign_id, context.product_id) if context else ContextSpec(0, None, None)
    form = FormSpec(
        id=0,
        public_id="",
        name=NAME,
        state=FormState.LIVE,
        topic=NAME,
        creates=Creates.BOTH if context and lead_strategy else Creates.CONTACT,
        after_closed=AfterClosed.NEW,
        thank_you="",
        redirect_url="",
        owner_id=None,
        context=spec,
        contact_strategy=StrategySpec(contact_strategy.name, tuple(contact_strategy.deciding)),
        lead_strategy=StrategySpec(lead_strategy.name, tuple(lead_strategy.attributes))
        if lead_strategy
        else StrategySpec("", ()),
        fields=(),
        pages=(),
    )
    said = []
    for name, fills in FILLS.items():
        target, value = target_of(fills), values.get(name, "").strip()
        if target is not None and value:
            said.append(Said(target, value, Update.NEVER))
    submission = Submission(pk=0, public_id=uuid4(), payload={}, origin={}, received_at=timezone.now())
    return Intent(submission, form, spec, said, [])


def _match(intent: Intent, kinds: list[match_keys.Kind]) -> dict[int, int]:
    """The steps of forms_intake.processing.batch up to the lead; the account ids that were found or made."""
    read_free_mail()
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL DEFERRED")  # keys are claimed before their contact is there
    companies: dict[int, int] = {}

    def find(intents: Any) -> dict[int, int]:
        companies.update(match_accounts(intents))
        return companies

    match_contacts([intent], [kind for kind in kinds if kind], find)
    match_leads([intent])
    return companies


def _alike(
    values: Mapping[str, str], strategy: ContactMatchingStrategy, user: User, *, but: set[int]
) -> list[Suggestion]:
    """Who is only alike: by the strategy, and as the page of a new contact says."""
    [by_strategy] = suggested(strategy, [values])
    found = Contact.objects.visible_to(user).select_related("account").filter(pk__in=by_strategy)
    said = [Suggestion(one, f"Suggested by {strategy.name}") for one in found]
    known = but | {one.record.pk for one in said}
    return said + [one for one in likely_duplicates(values, user) if one.record.pk not in known and not one.certain]


def _why_account(values: Mapping[str, str], account: Account | None) -> str:
    address = normalise.email(values.get("email", ""))
    domain = company_domain(address)
    named = normalise.plain(values.get("company", ""))
    if account is not None:
        by_domain = domain and account.domain == domain
        return f"By the e-mail's domain {domain}." if by_domain else "By its name."
    if named:
        others = Account.objects.alive().annotate(capitals=Upper("name")).filter(capitals=Upper(Value(named)))
        other = others.exclude(domain="").order_by("pk").first() if domain else None
        if other is not None:
            return f"{other} has another domain, {other.domain}, so it counts as another company: a new one, {named}."
        return f"No account is known by {domain or named}: a new one, {named}."
    if address and not domain:
        return f"{address.rpartition('@')[2]} is a mail provider's: it says nothing about a company."
    if domain:
        return f"No account has the domain {domain}, and no company is named: none is made."
    return "Nothing says which company."
