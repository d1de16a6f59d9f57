"""Small, typed builders: say what matters for the test, get a believable rest. No random data."""

from __future__ import annotations

from datetime import datetime, timedelta
from itertools import count
from typing import Any

from django.utils import timezone

from contacts.consent.purposes import add_wording
from contacts.models import (
    Account,
    Campaign,
    Contact,
    ContactMatchingStrategy,
    CustomField,
    CustomFieldType,
    Entity,
    Interaction,
    InteractionType,
    MarketingContext,
    Product,
    Purpose,
    Role,
    User,
)
from forms_intake.landing.definition import new_definition
from forms_intake.landing.editing import add_version, note_forms
from forms_intake.models import FieldType, FormField, IntakeForm, LandingPage, PageState
from leads.models import Lead, LeadMatchingStrategy, Opportunity, Process, RecycleReason, StatusReason
from leads.services.closing import close
from scoring.models import Grade, Rule, ScoringModel
from segments.models import How, Kind, Segment
from segments.services.lifecycle import create_segment, go_live

_number = count(1)


def a_user(role: str = Role.SALESPERSON, username: str = "", **more: Any) -> User:
    name = username or f"user{next(_number)}"
    return User.objects.create_user(username=name, password="correct horse battery", role=role, **more)


def an_account(name: str = "Nordwind Logistik", **more: Any) -> Account:
    return Account.objects.create(name=name, **more)


def a_contact(first_name: str = "Nina", last_name: str = "Lind", **more: Any) -> Contact:
    """A bare contact row, without match keys; use contacts.services to make one as the product does."""
    return Contact.objects.create(first_name=first_name, last_name=last_name, **more)


def a_product(name: str = "") -> Product:
    return Product.objects.create(name=name or f"Product {next(_number)}")


def a_campaign(name: str = "") -> Campaign:
    return Campaign.objects.create(name=name or f"Campaign {next(_number)}")


def a_context(name: str = "Autumn page", kind: str = MarketingContext.Kind.PAGE, **more: Any) -> MarketingContext:
    return MarketingContext.objects.create(name=name, kind=kind, **more)


def a_lead(contact: Contact | None = None, topic: str = "Route planning", **more: Any) -> Lead:
    """A bare lead row (and a contact for it unless one, or `contact=None` with an account, is given)."""
    if contact is None and "account" not in more:
        contact = a_contact()
    process = more.pop("process", None) or Process.objects.get(is_default=True)
    lead: Lead = Lead.objects.create(contact=contact, topic=topic, process=process, **more)
    return lead


def an_opportunity(topic: str = "Route planning for the north", **more: Any) -> Opportunity:
    """A bare opportunity row (with an account unless one, or a contact, is given)."""
    if not {"account", "contact"} & more.keys():
        more["account"] = an_account()
    made: Opportunity = Opportunity.objects.create(topic=topic, **more)
    return made


def a_reason(name: str = "Lost") -> StatusReason:
    """A shipped status reason."""
    reason: StatusReason = StatusReason.objects.get(name=name)
    return reason


def a_closed_lead(**more: Any) -> Lead:
    """A lead that was disqualified as lost."""
    lead = a_lead(**more)
    close(lead.pk, by=None, status="disqualified", reason=a_reason("Lost"))
    lead.refresh_from_db()
    return lead


def a_recycle_reason(name: str = "No budget") -> RecycleReason:
    reason: RecycleReason = RecycleReason.objects.get(name=name)
    return reason


def an_interaction(
    contact: Contact | None,
    type: str = InteractionType.PAGE_VISITED,
    *,
    days_ago: float = 0,
    occurred_at: datetime | None = None,
    **more: Any,
) -> Interaction:
    assert contact is not None
    moment = occurred_at or timezone.now() - timedelta(days=days_ago)
    return Interaction.objects.create(contact=contact, type=type, occurred_at=moment, **more)


def a_purpose(
    name: str = "",
    text: str = "Write to me about products.",
    *,
    language: str = "",
    others: dict[str, str] | None = None,
    **more: Any,
) -> Purpose:
    """A purpose with the first version of its words, and `others` of them in further languages."""
    purpose = Purpose.objects.create(name=name or f"Newsletter {next(_number)}", **more)
    add_wording(purpose_id=purpose.pk, text=text, language=language, others=others, by=None)
    return purpose


def a_custom_field(key: str, entity: str = Entity.LEAD, type: str = CustomFieldType.TEXT, **more: Any) -> CustomField:
    return CustomField.objects.create(entity=entity, key=key, type=type, label=more.pop("label", key.title()), **more)


def a_model(
    name: str = "Demand", *, threshold: int = 50, grades: dict[str, int] | None = None, **more: Any
) -> ScoringModel:
    """A draft scoring model; `grades` maps names to the score each begins at."""
    model = ScoringModel.objects.create(name=name, threshold=threshold, **more)
    for grade, from_score in (grades or {"Cold": 0, "Warm": 30, "Hot": 60}).items():
        Grade.objects.create(model=model, name=grade, from_score=from_score)
    return model


def a_rule(model: ScoringModel, points: int, name: str = "", **more: Any) -> Rule:
    return Rule.objects.create(model=model, points=points, name=name or f"Rule {next(_number)}", **more)


def a_form(
    name: str = "Ask for a demo",
    *,
    fields: dict[str, str] | None = None,
    contact_attributes: list[str] | None = None,
    lead_attributes: list[str] | None = None,
    **more: Any,
) -> IntakeForm:
    """A live form. `fields` maps keys to what they fill; e-mail, first and last name when not given.

    `contact_attributes` / `lead_attributes` give the form matching strategies of its own.
    """
    if contact_attributes is not None:
        more["contact_strategy"] = ContactMatchingStrategy.objects.get_or_create(
            attributes=contact_attributes, defaults={"name": "By " + "+".join(contact_attributes)}
        )[0]
    if lead_attributes is not None:
        more["lead_strategy"] = LeadMatchingStrategy.objects.get_or_create(
            attributes=lead_attributes, defaults={"name": "By " + "+".join(lead_attributes)}
        )[0]
    context = more.pop("marketing_context", None) or a_context(name, MarketingContext.Kind.FORM)
    form = IntakeForm.objects.create(name=name, marketing_context=context, **more)
    fills = fields or {"email": "contact.email", "first_name": "contact.first_name", "last_name": "contact.last_name"}
    types = {"contact.email": FieldType.EMAIL, "contact.phone": FieldType.PHONE}
    for position, (key, target) in enumerate(fills.items()):
        FormField.objects.create(
            form=form,
            key=key,
            label=key.replace("_", " ").capitalize(),
            fills=target,
            type=types.get(target, FieldType.TEXT),
            position=position,
        )
    return form


def a_page(form: IntakeForm | None, slug: str = "demo", *, published: bool = True, **more: Any) -> LandingPage:
    """A live page (else a stopped one) of a heading, words and the form; `blocks` puts others in their place."""
    context = more.pop("marketing_context", None) or a_context(f"Page {slug}", MarketingContext.Kind.PAGE)
    title = more.pop("title", form.name if form else "A page")
    words, button = more.pop("body", ""), more.pop("button", "")
    blocks: list[dict[str, Any]] = [{"kind": "hero", "heading": title, "text": words}]
    if form is not None:
        blocks.append({"kind": "form", "form": form.pk, "beside": True, "button": button})
    definition = new_definition(title, more.pop("blocks", blocks), more.pop("theme", ""))
    definition["settings"] |= more.pop("settings", {})
    page = LandingPage.objects.create(slug=slug, title=title, draft=definition, marketing_context=context, **more)
    note_forms(page)
    add_version(page, by=None)
    if not published:
        page.state = PageState.STOPPED
        page.save(update_fields=["state"])
    return page


def a_segment(name: str = "", condition: dict[str, Any] | None = None, *, live: bool = True, **more: Any) -> Segment:
    """A segment of contacts (or `subject`) that meet `condition`; its members are there after the next refresh."""
    segment = create_segment(by=None, name=name or f"Segment {next(_number)}", condition=condition or {}, **more)
    return go_live(segment) if live and segment.kind != Kind.STATIC else segment


def steps(*made_of: Segment | tuple[How, Segment]) -> list[dict[str, Any]]:
    """Steps of a segment made of others: `steps(first, (How.EXCEPT, second))`."""
    pairs = [one if isinstance(one, tuple) else (How.UNION, one) for one in made_of]
    return [{"how": str(how), "segment": segment.pk} for how, segment in pairs]
